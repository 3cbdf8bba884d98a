/** Selectors of fields and labels: `=`, `==`, `!=`, and for labels a key alone or after `!`. */

import type { FakeObject } from "./fake-store.ts";

export type Selects = (object: FakeObject) => boolean;

export function selectsBy(query: URLSearchParams, namespace: string | undefined): Selects {
  const fields = terms(query.get("fieldSelector"), fieldOf);
  const labels = terms(query.get("labelSelector"), (object, key) => object.metadata.labels?.[key]);
  return (object) =>
    (namespace === undefined || object.metadata.namespace === namespace) &&
    [...fields, ...labels].every((selects) => selects(object));
}

function terms(text: string | null, read: (object: FakeObject, key: string) => unknown): Selects[] {
  return (text ?? "")
    .split(",")
    .filter((term) => term !== "")
    .map((term) => {
      const [, no = "", key = "", operator = "", value = ""] =
        /^(!?)([^!=]+)(==|=|!=)?(.*)$/.exec(term) ?? [];
      if (operator === "") return (object) => (read(object, key) === undefined) === (no === "!");
      return (object) => (String(read(object, key) ?? "") === value) === (operator !== "!=");
    });
}

/** `spec.nodeName`. */
function fieldOf(object: FakeObject, path: string): unknown {
  return path
    .split(".")
    .reduce<unknown>((value, key) => (value as Record<string, unknown> | undefined)?.[key], object);
}
