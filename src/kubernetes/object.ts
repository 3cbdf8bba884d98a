/** Objects of the API as they come: metadata typed, the rest for who knows the kind. */

export interface Metadata {
  readonly name: string;
  /** Absent for objects of the cluster. */
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
}

export interface ApiObject {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly metadata: Metadata;
  readonly [field: string]: unknown;
}

export interface ApiList {
  readonly resourceVersion: string;
  readonly items: readonly ApiObject[];
}

/** Of which object an event speaks; all that remains of one that has vanished. */
export interface Identity {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string;
}

/** What a document of the API may have beside its metadata. */
export type AnyFields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is AnyFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Undefined for what is no object of the API. */
export function toApiObject(value: unknown): ApiObject | undefined {
  if (!isFields(value) || !isFields(value.metadata)) return undefined;
  const { name, uid, resourceVersion } = value.metadata;
  const isObject = [name, uid, resourceVersion].every((part) => typeof part === "string" && part !== "");
  return isObject ? (value as unknown as ApiObject) : undefined; // `as`: looked at above
}

/** Undefined for what is no list of objects. */
export function toApiList(value: unknown): (ApiList & { readonly next: string }) | undefined {
  if (!isFields(value) || !isFields(value.metadata) || !Array.isArray(value.items)) return undefined;
  const { resourceVersion, continue: next = "" } = value.metadata;
  const items = value.items.flatMap((item: unknown) => toApiObject(item) ?? []);
  const isList = typeof resourceVersion === "string" && items.length === value.items.length;
  return isList && typeof next === "string" ? { resourceVersion, items, next } : undefined;
}

export function identityOf({ metadata: { name, namespace, uid } }: ApiObject): Identity {
  return { name, namespace, uid };
}

/** Equal for two objects of a resource exactly where an API server would not have both at once. */
export function keyOf({ name, namespace }: Pick<Identity, "name" | "namespace">): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}
