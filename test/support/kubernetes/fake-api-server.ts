/**
 * A Kubernetes API server in this process, for any group and resource, without schema and without rights; it can be
 * told to fail in every way that a real one and the network before it do.
 */

import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server } from "node:tls";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { change, refuse, shapeFor, statusOf } from "./fake-answers.ts";
import { type Fault, Faults } from "./fake-faults.ts";
import { type FakePath, parsePath } from "./fake-path.ts";
import { selectsBy } from "./fake-selectors.ts";
import { FakeStore, Refused } from "./fake-store.ts";
import { FakeWatch, INITIAL_EVENTS_END } from "./fake-watch.ts";
import { type Answer, type HttpRequest, serveConnection } from "./http-connection.ts";

export interface FakeOptions {
  /** Of sendInitialEvents: as in Kubernetes from 1.34 on; refused as by 1.27; passed over as by servers that know nothing of it. */
  readonly watchList?: "supported" | "refused" | "ignored";
  /** Whether 410 is the status of the answer or an event in it. */
  readonly gone?: "status" | "event";
  /** Compresses watches and lists, where the client takes that. */
  readonly gzip?: boolean;
  /** The address that it listens at; 127.0.0.1 where it is absent. */
  readonly address?: string;
  /** Objects in one answer to a list, whatever the client asks for. */
  readonly pageSize?: number;
}

/** By address: openssl takes its time. */
const certificates = new Map<string, Certificates>();

export class FakeApiServer {
  readonly store: FakeStore;
  /** All so far. */
  readonly requests: HttpRequest[] = [];
  /** Bearer tokens that are taken. */
  readonly tokens = new Set(["token"]);
  readonly options: FakeOptions;
  readonly #watches = new Set<FakeWatch>();
  readonly #sockets = new Set<Socket>();
  readonly #faults = new Faults();
  readonly #waiting = new Set<() => void>();
  readonly #server: Server;
  readonly #certificates: Certificates;

  private constructor(options: FakeOptions) {
    const { address = "127.0.0.1" } = options;
    this.#certificates = certificates.get(address) ?? makeCertificates([`IP:${address}`, "DNS:api.test"]);
    certificates.set(address, this.#certificates);
    this.options = options;
    this.store = new FakeStore((event) => {
      for (const watch of this.#watches) if (watch.collection === event.collection) watch.tell(event);
    });
    const { cert, key } = this.#certificates;
    this.#server = createServer({ cert, key }, (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => {
        this.#sockets.delete(socket);
        this.#changed();
      });
      serveConnection(socket, (request, answer) => void this.#serve(request, answer));
    });
    this.#server.on("tlsClientError", () => {}); // who does not trust us
  }

  static async start(options: FakeOptions = {}): Promise<FakeApiServer> {
    const server = new FakeApiServer(options);
    server.#server.listen(0, options.address ?? "127.0.0.1");
    await once(server.#server, "listening");
    return server;
  }

  get url(): string {
    const { family, address, port } = this.#server.address() as AddressInfo;
    return `https://${family === "IPv6" ? `[${address}]` : address}:${port}`;
  }

  /** PEM. */
  get ca(): string {
    return this.#certificates.ca;
  }

  /** Those that are open, the oldest first. */
  get watches(): readonly FakeWatch[] {
    return [...this.#watches];
  }

  get connections(): number {
    return this.#sockets.size;
  }

  inject(fault: Fault): void {
    this.#faults.inject(fault);
  }

  /** No fault from here on. */
  heal(): void {
    this.#faults.heal();
  }

  /** Resolves once it is so; looked at with each request and each end of a connection. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#waiting.add(resolve);
      await promise;
    }
  }

  /** To all watches. */
  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark(this.store.revision);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, "close");
  }

  async #serve(request: HttpRequest, answer: Answer): Promise<void> {
    this.requests.push(request);
    const effect = this.#faults.effectOn(request);
    this.#changed();
    if (effect === "never answer") return;
    if (effect === "reset") return answer.reset();
    if (typeof effect === "object" && "refuse" in effect) return refuse(answer, effect.refuse);
    if (typeof effect === "object") await effect.hold;
    try {
      this.#answer(request, effect === "lose answer" ? undefined : answer);
      if (effect === "lose answer") answer.reset();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      answer.json(error.status, statusOf(error));
    }
    this.#changed();
  }

  #changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const resolve of waiting) resolve();
  }

  /** Without `answer` the request is carried out all the same. */
  #answer(request: HttpRequest, answer: Answer | undefined): void {
    const token = request.headers.get("authorization")?.replace(/^Bearer /, "") ?? "";
    if (!this.tokens.has(token)) throw new Refused(401, "Unauthorized", "Unauthorized");
    const accept = request.headers.get("accept") ?? "";
    if (/;as=(?!PartialObjectMetadata;g=meta\.k8s\.io;v=v1)/.test(accept)) {
      throw new Refused(406, "NotAcceptable", `no such form of an object: ${accept}`);
    }
    const path = parsePath(request.path);
    if (path === undefined) throw new Refused(404, "NotFound", `nothing is at ${request.path}`);
    if (request.method !== "GET" || path.name !== undefined) {
      const status = request.method === "POST" ? 201 : 200;
      const object = change(this.store, path, request);
      answer?.json(status, shapeFor(request)(object));
    } else if (request.query.get("watch") === "true") {
      if (answer !== undefined) this.#watch(path, request, answer);
    } else answer?.json(200, this.#list(path, request));
  }

  #list({ collection, namespace }: FakePath, { query, headers }: HttpRequest): object {
    const selected = this.store.list(collection).filter(selectsBy(query, namespace));
    const start = Number(query.get("continue") ?? 0);
    const end =
      start + Math.min(Number(query.get("limit") ?? selected.length), this.options.pageSize ?? Infinity);
    const next = end < selected.length ? { continue: String(end) } : {};
    const items = selected.slice(start, end).map(shapeFor({ headers }));
    return { kind: "List", metadata: { resourceVersion: String(this.store.revision), ...next }, items };
  }

  #watch({ collection, namespace }: FakePath, request: HttpRequest, answer: Answer): void {
    const { query } = request;
    const { watchList = "supported", gzip = false } = this.options;
    const isListing = query.get("sendInitialEvents") === "true" && watchList !== "ignored";
    if (isListing && watchList === "refused") {
      throw new Refused(
        422,
        "Invalid",
        "sendInitialEvents is forbidden for watch unless the feature gate is enabled",
      );
    }
    const since = Number(query.get("resourceVersion") ?? 0);
    const past = since === 0 ? undefined : this.store.eventsSince(since, collection);
    const isGone = since !== 0 && past === undefined;
    if (isGone && this.options.gone === "status")
      throw new Refused(410, "Expired", "too old resource version");
    const selects = selectsBy(query, namespace);
    const ended = () => {
      clearTimeout(timer);
      this.#watches.delete(watch);
      this.#changed();
    };
    const watch = new FakeWatch({ request, answer, collection, selects, shape: shapeFor(request), ended });
    const seconds = Number(query.get("timeoutSeconds") ?? 0);
    const timer = seconds > 0 ? setTimeout(() => watch.end(), seconds * 1000) : undefined;
    answer.begin({ gzip });
    if (isGone) watch.error(statusOf(new Refused(410, "Expired", "too old resource version")));
    for (const event of past ?? []) watch.tell(event);
    if (since === 0) watch.tellAll(this.store.list(collection));
    if (isListing) watch.bookmark(this.store.revision, { [INITIAL_EVENTS_END]: "true" });
    if (isGone) {
      watch.end();
      return;
    }
    this.#watches.add(watch);
    answer.closed(ended);
  }
}
