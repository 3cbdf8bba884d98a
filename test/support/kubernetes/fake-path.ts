/** Paths of the API taken apart: any group, version and resource. */

export interface FakePath {
  /** `/api/v1/pods`, `/apis/podwire.io/v1alpha1/nodenetworks`: without namespace. */
  readonly collection: string;
  readonly plural: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

/** Undefined for a path that is none of an object or a collection. */
export function parsePath(path: string): FakePath | undefined {
  const parts = path.split("/").slice(1).map(decodeURIComponent);
  const root = parts.splice(0, parts[0] === "api" ? 2 : 3);
  // `/namespaces/NAME` and its subresources are of the object; one more part is of what is in the namespace.
  const isInNamespace =
    parts[0] === "namespaces" && parts.length > 2 && !["status", "finalize"].includes(parts[2] ?? "");
  const namespace = isInNamespace ? parts.splice(0, 2)[1] : undefined;
  const [plural, name, subresource] = parts;
  if (plural === undefined || parts.length > 3) return undefined;
  return { collection: `/${[...root, plural].join("/")}`, plural, namespace, name, subresource };
}
