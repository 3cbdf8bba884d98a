/**
 * Typed reading of JSON objects the way users of Go's encoding/json expect: keys match without regard to case, the
 * last duplicate wins (a spelling that comes twice counts at its first place), `null` is absent, unknown keys are
 * ignored, a wrong type is an error with the field's path.
 */

import { invalidNetconf } from "./error.ts";

/** A value and where it stands: `ipam.ranges[0][1].subnet`. */
export interface Located {
  readonly path: string;
  readonly value: unknown;
}

/** Any object: its members are not known. */
export type AnyObject = Readonly<Record<string, unknown>>;

/** The fields of one JSON object by lower-case key; `T` says which ones there can be. */
export interface Fields<T = AnyObject> {
  /** Empty for the document itself. */
  readonly path: string;
  readonly byKey: ReadonlyMap<string, Located>;
  /** For the compiler alone: nobody sets it. */
  readonly shape?: T;
}

/** The names of the fields that there can be. */
export type KeyOf<T> = keyof T & string;

/** What the object in the field can have. */
type Inner<T, K extends keyof T> = unknown extends T[K] ? AnyObject : NonNullable<T[K]>;

export function toFields<T = AnyObject>({ path, value }: Located): Fields<T> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw invalidNetconf(path === "" ? "configuration" : path, "an object", value);
  }
  const byKey = new Map<string, Located>();
  for (const [key, member] of Object.entries(value)) {
    byKey.set(key.toLowerCase(), { path: path === "" ? key : `${path}.${key}`, value: member });
  }
  return { path, byKey };
}

/** An object without fields, for what is absent. */
export function noFields<T = AnyObject>(path: string): Fields<T> {
  return { path, byKey: new Map() };
}

/** The field, or undefined where it is absent or null. */
export function field<T>(fields: Fields<T>, key: KeyOf<T>): Located | undefined {
  const located = fields.byKey.get(key.toLowerCase());
  return located === undefined || located.value === null ? undefined : located;
}

export function stringField<T>(fields: Fields<T>, key: KeyOf<T>): string | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toText(located);
}

export function toText({ path, value }: Located): string {
  if (typeof value !== "string") throw invalidNetconf(path, "a string", value);
  return value;
}

/** False where the field is absent. */
export function booleanField<T>(fields: Fields<T>, key: KeyOf<T>): boolean {
  const located = field(fields, key);
  if (located === undefined) return false;
  if (typeof located.value !== "boolean") throw invalidNetconf(located.path, "true or false", located.value);
  return located.value;
}

/** A whole number between the bounds, both included. */
export function integerField<T>(
  fields: Fields<T>,
  key: KeyOf<T>,
  minimum: number,
  maximum: number,
): number | undefined {
  const located = field(fields, key);
  if (located === undefined) return undefined;
  const { path, value } = located;
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw invalidNetconf(path, `a whole number from ${minimum} to ${maximum}`, value);
  }
  return value;
}

/** The items of a list with their paths; undefined where the field is absent. */
export function listField<T>(fields: Fields<T>, key: KeyOf<T>): Located[] | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toItems(located);
}

export function toItems({ path, value }: Located): Located[] {
  if (!Array.isArray(value)) throw invalidNetconf(path, "a list", value);
  return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item }));
}

export function stringListField<T>(fields: Fields<T>, key: KeyOf<T>): string[] | undefined {
  return listField(fields, key)?.map(toText);
}

/** The nested object; one without fields where it is absent. */
export function objectField<T, K extends KeyOf<T>>(fields: Fields<T>, key: K): Fields<Inner<T, K>> {
  const located = field(fields, key);
  return located === undefined
    ? noFields(fields.path === "" ? key : `${fields.path}.${key}`)
    : toFields(located);
}

/** A string field read by `parse`, which gives undefined for what it cannot read. */
export function parsedField<T, V>(
  fields: Fields<T>,
  key: KeyOf<T>,
  parse: (text: string) => V | undefined,
  wanted: string,
): V | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : parsed(located, parse, wanted);
}

export function parsed<T>(located: Located, parse: (text: string) => T | undefined, wanted: string): T {
  const value = parse(toText(located));
  if (value === undefined) throw invalidNetconf(located.path, wanted, located.value);
  return value;
}
