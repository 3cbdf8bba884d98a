/** One request over the network: what goes into fetch, and which error a failure is. */

import type { Access, Tls } from "./access.ts";
import { ApiUnreachable, apiErrorOf } from "./error.ts";
import { isFields } from "./object.ts";

export interface ApiRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** {@link pathOf} */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  /** Of the body. */
  readonly contentType?: string;
  /** Of the answer. */
  readonly accept?: string;
}

/** Managed fields are up to 60 % of an object; a server that does not know the parameter passes over it (KEP-5958). */
export const ACCEPT = "application/json;drop=metadata.managedFields, application/json";

const PARTIAL = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
/** Metadata alone of each object. */
export const ACCEPT_METADATA = `${PARTIAL};drop=metadata.managedFields, ${PARTIAL}`;

/** @throws {ApiError} the server refused @throws {ApiUnreachable} it did not answer, or `signal` was given */
export async function send(
  access: Access,
  request: ApiRequest,
  { userAgent, signal }: { readonly userAgent: string; readonly signal: AbortSignal },
): Promise<Response> {
  const { tls, token } = access.credentials();
  const { method, body, contentType = "application/json", accept = ACCEPT } = request;
  const headers = {
    accept,
    "user-agent": userAgent,
    ...(body === undefined ? {} : { "content-type": contentType }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const options = {
    method,
    headers,
    signal,
    tls: tls satisfies Tls,
    redirect: "manual", // the token is for this server alone
    timeout: false, // fetch would end a watch that is silent for five minutes
    // On a connection that it has used before fetch repeats what the server may have done.
    keepalive: isRepeatable(request),
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  } as const;
  const response = await reach(request, () => fetch(urlOf(access, request), options));
  if (response.ok) return response;
  const text = await reach(request, () => response.text());
  throw apiErrorOf(actionOf(request), response.status, text, response.headers.get("retry-after"));
}

/** The whole body, read as JSON. @throws {ApiUnreachable} */
export function readBody(request: ApiRequest, response: Response): Promise<unknown> {
  return reach(request, () => response.json());
}

/** Done twice it is as done once: a create is not, nor a delete that does not say which object. */
export function isRepeatable({ method, body }: ApiRequest): boolean {
  if (method !== "DELETE") return method !== "POST";
  const preconditions = isFields(body) ? body.preconditions : undefined;
  return isFields(preconditions) && preconditions.uid !== undefined;
}

/** As messages name a request. */
export function actionOf({ method, path }: ApiRequest): string {
  return `${method} ${path}`;
}

function urlOf({ server }: Access, { path, query = {} }: ApiRequest): string {
  const present = Object.entries(query).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const text = new URLSearchParams(present).toString();
  return `${server}${path}${text === "" ? "" : `?${text}`}`;
}

async function reach<T>(request: ApiRequest, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (cause) {
    const problem = cause instanceof Error ? cause.message : String(cause);
    throw new ApiUnreachable(actionOf(request), problem, { cause });
  }
}
