/** Values of a document with their paths, so that each fault names the path. */

import { CONFIGURATION, type Reading } from "./reading.ts";

/** Where something stands: `ipam.ranges[0][1].subnet`. */
interface Place {
  /** Empty for the document itself. */
  readonly path: string;
  /** How the document is read; {@link CONFIGURATION} where nothing else is said. */
  readonly reading?: Reading | undefined;
}

export interface Located extends Place {
  readonly value: unknown;
}

/** The error for a value that is not what it must be. */
export function mismatch({ path, value, reading = CONFIGURATION }: Located, wanted: string): Error {
  return reading.fault(path, reading.describe(wanted, value));
}

/** The error for the value there, or for the member `key` of it. */
export function faultAt(at: Place, key: string, problem: string): Error {
  return (at.reading ?? CONFIGURATION).fault(pathOf(at, key), problem);
}

/** The path of an object's member; of the object itself where `key` is empty. */
export function pathOf({ path }: Place, key: string): string {
  if (key === "") return path;
  return path === "" ? key : `${path}.${key}`;
}

export function toText(located: Located): string {
  if (typeof located.value !== "string") throw mismatch(located, "a string");
  return located.value;
}

export function toBoolean(located: Located): boolean {
  if (typeof located.value !== "boolean") throw mismatch(located, "true or false");
  return located.value;
}

/** A whole number between the bounds, both included. */
export function toInteger(located: Located, minimum: number, maximum: number): number {
  const { value } = located;
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw mismatch(located, `a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

/** The items of a list with their paths. */
export function toItems(located: Located): Located[] {
  const { path, value, reading } = located;
  if (!Array.isArray(value)) throw mismatch(located, "a list");
  return value.map((item: unknown, index) => ({ path: `${path}[${index}]`, value: item, reading }));
}

/** The object as it is; {@link memberOf} gives its members their paths. */
export function toObject(located: Located): Readonly<Record<string, unknown>> {
  const { value } = located;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw mismatch(located, "an object");
  }
  return value as Record<string, unknown>; // `as`: any object
}

export function memberOf(located: Located, key: string, value: unknown): Located {
  return { path: pathOf(located, key), value, reading: located.reading };
}

/** A text read by `parse`, which gives undefined for what it cannot read. */
export function parsed<T>(located: Located, parse: (text: string) => T | undefined, wanted: string): T {
  const value = parse(toText(located));
  if (value === undefined) throw mismatch(located, wanted);
  return value;
}
