/**
 * Requests to a Kubernetes API server, on the runtime's own fetch.
 *
 * Why not @kubernetes/client-node: under Bun it loses the certificate authority of its configuration, and it needs 72 MiB
 * before the first object.
 *
 * fetch has 256 requests under way at most (BUN_CONFIG_MAX_HTTP_REQUESTS), and a watch is one: what comes after that waits.
 */

import type { Access } from "./access.ts";
import { ApiError, ApiUnreachable } from "./error.ts";
import { type ApiList, type ApiObject, toApiList, toApiObject } from "./object.ts";
import { PACE, type Pace, pause, pauseMs } from "./pace.ts";
import { ACCEPT_METADATA, type ApiRequest, actionOf, isRepeatable, readBody, send } from "./send.ts";

/** Whose fields a server-side apply sets. */
const FIELD_MANAGER = "podwire";

export interface ClientOptions {
  /** Of podwire. */
  readonly version?: string;
  readonly pace?: Partial<Pace>;
}

export interface Selection {
  readonly fieldSelector?: string | undefined;
  readonly labelSelector?: string | undefined;
  /** Objects without spec and status. */
  readonly isMetadataOnly?: boolean;
}

export interface ListOptions extends Selection {
  /** `0`: what the server has in its cache, in one piece. */
  readonly resourceVersion?: string;
  /** Objects in one answer; all are given nevertheless. */
  readonly limit?: number;
}

/** What the object must still have: else 409 Conflict. */
export interface Preconditions {
  readonly uid?: string;
  readonly resourceVersion?: string;
}

export class ApiClient {
  readonly pace: Pace;
  readonly #access: Access;
  readonly #userAgent: string;

  constructor(access: Access, { version = "source", pace = {} }: ClientOptions = {}) {
    this.#access = access;
    this.#userAgent = `podwire/${version}`;
    this.pace = { ...PACE, ...pace };
  }

  /** The object at the path. @throws {ApiError} 404: there is none */
  get(path: string): Promise<ApiObject> {
    return this.#object({ method: "GET", path });
  }

  /** All objects of a collection; `resourceVersion` is where a watch goes on from here. */
  async list(path: string, { isMetadataOnly, ...options }: ListOptions = {}): Promise<ApiList> {
    const { limit, ...selection } = options;
    const accept = isMetadataOnly === true ? { accept: ACCEPT_METADATA } : {};
    const query = { ...selection, limit: limit?.toString() };
    const items: ApiObject[] = [];
    for (let next: string | undefined; ; ) {
      // The first answer has settled the resource version of those that follow.
      const page = next === undefined ? query : { ...query, resourceVersion: undefined, continue: next };
      const request: ApiRequest = { method: "GET", path, query: page, ...accept };
      const list = wanted(request, toApiList(await this.request(request)), "a list of objects");
      items.push(...list.items);
      if (list.next === "") return { resourceVersion: list.resourceVersion, items };
      next = list.next;
    }
  }

  /** `path` is that of the collection. @throws {ApiError} 409 AlreadyExists */
  create(path: string, object: object): Promise<ApiObject> {
    return this.#object({ method: "POST", path, body: object });
  }

  /** Another object in the place of the one there. @throws {ApiError} 409: its `metadata.resourceVersion` is another */
  replace(path: string, object: object): Promise<ApiObject> {
    return this.#object({ method: "PUT", path, body: object });
  }

  /** A JSON merge patch (RFC 7386). @throws {ApiError} 409: a `metadata.resourceVersion` in it is another */
  patch(path: string, patch: object): Promise<ApiObject> {
    return this.#object({ method: "PATCH", path, body: patch, contentType: "application/merge-patch+json" });
  }

  /**
   * Server-side apply: makes the object or sets the fields that are named, and removes those that we named before.
   * `force` takes fields that others have set. @throws {ApiError} 409: others have
   */
  apply(path: string, object: object, { force = true } = {}): Promise<ApiObject> {
    const query = { fieldManager: FIELD_MANAGER, force: String(force) };
    const contentType = "application/apply-patch+yaml"; // of which JSON is a part
    return this.#object({ method: "PATCH", path, query, body: object, contentType });
  }

  /** False where there was no object. @throws {ApiError} 409: the object is not that of the preconditions */
  async delete(path: string, preconditions: Preconditions = {}): Promise<boolean> {
    try {
      await this.request({ method: "DELETE", path, body: { preconditions } });
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return false;
      throw error;
    }
  }

  /**
   * Any request, its answer read whole. What may be repeated is, where the server is busy or the answer was lost.
   * @throws {ApiError} @throws {ApiUnreachable}
   */
  async request(request: ApiRequest): Promise<unknown> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#ask(request);
      } catch (error) {
        const wait = attempt >= this.pace.attempts ? undefined : this.#waitFor(request, error, attempt);
        if (wait === undefined) throw error;
        await pause(wait);
      }
    }
  }

  /** The answer to a watch, whose body is the caller's to read; it ends by `signal`. @throws as {@link request} */
  stream(request: ApiRequest, signal: AbortSignal): Promise<Response> {
    return this.#authorized((options) => send(this.#access, request, options), signal);
  }

  async #object(request: ApiRequest): Promise<ApiObject> {
    return wanted(request, toApiObject(await this.request(request)), "an object");
  }

  /** One attempt, which has its time. */
  async #ask(request: ApiRequest): Promise<unknown> {
    const { requestMs } = this.pace;
    const limit = new AbortController();
    const late = new ApiUnreachable(actionOf(request), `no whole answer after ${requestMs / 1000} s`);
    const timer = setTimeout(() => limit.abort(late), requestMs);
    try {
      return await this.#authorized(
        async (options) => readBody(request, await send(this.#access, request, options)),
        limit.signal,
      );
    } catch (error) {
      throw limit.signal.aborted ? late : error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Once more where the token was refused and there is another one by now. */
  async #authorized<T>(
    run: (options: { userAgent: string; signal: AbortSignal }) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T> {
    const options = { userAgent: this.#userAgent, signal };
    try {
      return await run(options);
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 401 && this.#access.renewToken())) throw error;
      return run(options);
    }
  }

  /** Milliseconds until the next attempt; undefined: it is the caller's to decide. */
  #waitFor(request: ApiRequest, error: unknown, failures: number): number | undefined {
    const jittered = pauseMs(failures, this.pace);
    if (error instanceof ApiUnreachable) return isRepeatable(request) ? jittered : undefined;
    if (!(error instanceof ApiError && error.isTransient)) return undefined;
    // 429 is said before anything is done; of what stands before the server nobody knows.
    if (error.status !== 429 && !isRepeatable(request)) return undefined;
    const { retryAfterMs = 0 } = error;
    return retryAfterMs > this.pace.requestMs ? undefined : retryAfterMs + jittered;
  }
}

function wanted<T>(request: ApiRequest, value: T | undefined, what: string): T {
  if (value === undefined) throw new ApiUnreachable(actionOf(request), `the answer is not ${what}`);
  return value;
}
