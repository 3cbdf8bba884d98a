/** Documents as flat facts, so that two of them can be compared one value at a time. */

/** Path of a fact to its value as text: `node.link[cni0].mtu` to `1500`. */
export type Facts = ReadonlyMap<string, string>;
export type Fact = readonly [path: string, value: string];

export type Json = string | number | boolean | null | readonly Json[] | Entry;
export interface Entry {
  readonly [key: string]: Json;
}

/** Names and MAC addresses that differ from run to run, with what to call them. */
export type Roles = ReadonlyMap<string, string>;

export function rename(text: string, roles: Roles): string {
  return [...roles].reduce((renamed, [name, role]) => renamed.replaceAll(name, role), text);
}

/** `{a: {b: 1}}` at `x` as `x.a.b` = `1`; what is empty stays visible. */
export function flatten(path: string, value: Json): Fact[] {
  if (typeof value !== "object" || value === null) return [[path, String(value)]];
  const members = isList(value)
    ? value.map((item, index) => [`[${index}]`, item] as const)
    : Object.entries(value).map(([key, item]) => [`.${key}`, item] as const);
  if (members.length === 0) return [[path, JSON.stringify(value)]];
  return members.flatMap(([key, item]) => flatten(`${path}${key}`, item));
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** One line for each fact that is another or absent on the other side: `PATH: REFERENCE → PODWIRE`. */
export function compare(reference: Facts, podwire: Facts): string[] {
  const paths = [...new Set([...reference.keys(), ...podwire.keys()])].toSorted();
  return paths
    .filter((path) => reference.get(path) !== podwire.get(path))
    .map((path) => `${path}: ${reference.get(path) ?? "absent"} → ${podwire.get(path) ?? "absent"}`);
}
