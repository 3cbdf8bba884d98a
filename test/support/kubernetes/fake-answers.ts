/** What the fake API server answers: objects in the form that was asked for, and Status documents. */

import type { Refusal } from "./fake-faults.ts";
import type { FakePath } from "./fake-path.ts";
import { type FakeObject, type FakeStore, Refused } from "./fake-store.ts";
import type { Answer, HttpRequest } from "./http-connection.ts";

export function change(store: FakeStore, path: FakePath, { method, headers, body }: HttpRequest): FakeObject {
  const document = body === "" ? {} : JSON.parse(body);
  const isApply = headers.get("content-type")?.startsWith("application/apply-patch") ?? false;
  if (method === "POST") return store.create(path, document);
  if (method === "PUT") return store.replace(path, document);
  if (method === "PATCH") return store.patch(path, document, { creates: isApply });
  if (method === "DELETE") return store.delete(path, document.preconditions);
  return store.get(path);
}

export function shapeFor({ headers }: Pick<HttpRequest, "headers">): (object: FakeObject) => object {
  const isPartial = headers.get("accept")?.includes(";as=") ?? false;
  if (!isPartial) return (object) => object;
  const type = { apiVersion: "meta.k8s.io/v1", kind: "PartialObjectMetadata" };
  return ({ metadata }) => ({ ...type, metadata });
}

export function statusOf({ status, reason, message }: Refused): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code: status, reason, message };
}

export function refuse(answer: Answer, { status, reason = "", retryAfter, document }: Refusal): void {
  const headers = retryAfter === undefined ? {} : { "retry-after": String(retryAfter) };
  answer.json(status, document ?? statusOf(new Refused(status, reason, "injected")), headers);
}
