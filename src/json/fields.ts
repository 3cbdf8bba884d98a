/**
 * Typed reading of JSON objects: a wrong type is an error with the field's path. Of keys that come twice the last wins
 * (where case does not matter, a spelling that comes twice counts at its first place).
 */

import {
  faultAt,
  type Located,
  memberOf,
  parsed,
  pathOf,
  toBoolean,
  toInteger,
  toItems,
  toObject,
  toText,
} from "./located.ts";
import { nearestOf } from "./nearest.ts";
import { CONFIGURATION, type Reading } from "./reading.ts";

/** Any object: its members are not known. */
export type AnyObject = Readonly<Record<string, unknown>>;

/** The fields of one JSON object; `T` says which ones there can be. */
export interface Fields<T = AnyObject> {
  /** Empty for the document itself. */
  readonly path: string;
  readonly reading: Reading;
  /** In lower case where the reading ignores case. */
  readonly byKey: ReadonlyMap<string, Located>;
  /** For the compiler alone: nobody sets it. */
  readonly shape?: T;
}

/** The names of the fields that there can be. */
export type KeyOf<T> = keyof T & string;

/** What the object in the field can have. */
type Inner<T, K extends keyof T> = unknown extends T[K] ? AnyObject : NonNullable<T[K]>;

/** Unknown keys are nobody's: they are passed over. */
export function toFields<T = AnyObject>(located: Located): Fields<T> {
  const { path, reading = CONFIGURATION } = located;
  const byKey = new Map<string, Located>();
  const object = toObject(located);
  for (const key of Object.keys(object)) byKey.set(spelt(reading, key), memberOf(located, key, object[key]));
  return { path, reading, byKey };
}

/** Unknown keys are a fault. */
export function toKnownFields<T = AnyObject>(located: Located, known: readonly string[]): Fields<T> {
  const fields = toFields<T>(located);
  for (const key of fields.byKey.keys()) {
    if (!known.includes(key)) throw faultAt(fields, key, describeUnknown(key, known));
  }
  return fields;
}

/** An object without fields, for what is absent. */
export function noFields<T = AnyObject>(path: string, reading: Reading = CONFIGURATION): Fields<T> {
  return { path, reading, byKey: new Map() };
}

/** The field, or undefined where it is absent. */
export function field<T>({ byKey, reading }: Fields<T>, key: KeyOf<T>): Located | undefined {
  if (byKey.size === 0) return undefined; // as the absent runtimeConfig and args are
  const located = byKey.get(spelt(reading, key));
  return located?.value === null && reading.ignoresNull ? undefined : located;
}

/** True also where it is `null`, which counts as absent elsewhere. */
export function isNamed<T>({ byKey, reading }: Fields<T>, key: KeyOf<T>): boolean {
  return byKey.has(spelt(reading, key));
}

export function required<T, V>(fields: Fields<T>, key: KeyOf<T>, value: V | undefined): V {
  if (value === undefined) throw faultAt(fields, key, "is missing");
  return value;
}

export function stringField<T>(fields: Fields<T>, key: KeyOf<T>): string | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toText(located);
}

/** False where the field is absent. */
export function booleanField<T>(fields: Fields<T>, key: KeyOf<T>): boolean {
  return booleanFieldIfAny(fields, key) ?? false;
}

export function booleanFieldIfAny<T>(fields: Fields<T>, key: KeyOf<T>): boolean | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toBoolean(located);
}

/** A whole number between the bounds, both included. */
export function integerField<T>(
  fields: Fields<T>,
  key: KeyOf<T>,
  minimum: number,
  maximum: number,
): number | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toInteger(located, minimum, maximum);
}

/** The items of a list with their paths; undefined where the field is absent. */
export function listField<T>(fields: Fields<T>, key: KeyOf<T>): Located[] | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toItems(located);
}

export function stringListField<T>(fields: Fields<T>, key: KeyOf<T>): string[] | undefined {
  return listField(fields, key)?.map(toText);
}

/** The nested object; one without fields where it is absent. */
export function objectField<T, K extends KeyOf<T>>(fields: Fields<T>, key: K): Fields<Inner<T, K>> {
  const located = field(fields, key);
  return located === undefined ? noFields(pathOf(fields, key), fields.reading) : toFields(located);
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

/** The field's value if it is one of these; undefined where it is absent or empty. */
export function oneOfField<T>(
  fields: Fields<T>,
  key: KeyOf<T>,
  allowed: readonly string[],
): string | undefined {
  const located = field(fields, key);
  if (located === undefined || located.value === "") return undefined;
  return parsed(located, (text) => (allowed.includes(text) ? text : undefined), allowed.join(", "));
}

function spelt({ ignoresCase }: Reading, key: string): string {
  return ignoresCase ? key.toLowerCase() : key;
}

function describeUnknown(key: string, known: readonly string[]): string {
  const nearest = nearestOf(key, known);
  return nearest === undefined
    ? `is unknown, want one of ${known.join(", ")}`
    : `is unknown; did you mean "${nearest}"?`;
}
