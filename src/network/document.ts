/** Strict reading of JSON objects that a person may have written: each fault names file, field and what is wrong. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { nearestOf } from "./nearest.ts";

/** A file that does not say what it must. */
export class InvalidFile extends PodwireError {
  override readonly name = "InvalidFile";
  /** The file's path, or what stands for it where the object comes from elsewhere. */
  readonly file: string;
  /** `ranges[0].start`; empty for the document as a whole. */
  readonly field: string;
  readonly problem: string;

  constructor(file: string, field: string, problem: string) {
    super(`${file}: ${field === "" ? "" : `${field}: `}${problem}`, {
      code: CNI_ERROR.invalidNetconf,
      advice: "correct the file; podwire network list and podwire doctor read it again",
    });
    this.file = file;
    this.field = field;
    this.problem = problem;
  }
}

/** A value and where it stands. */
export interface Located {
  readonly file: string;
  readonly path: string;
  readonly value: unknown;
}

/** The members of one object, all of them known by name. */
export interface Fields {
  readonly file: string;
  /** Empty for the document itself. */
  readonly path: string;
  readonly values: ReadonlyMap<string, unknown>;
}

/** The whole document. @throws {InvalidFile} no JSON */
export function parseDocument(file: string, text: string): Located {
  try {
    return { file, path: "", value: JSON.parse(text) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    throw new InvalidFile(file, "", `is no JSON: ${problem}`);
  }
}

export function fault(fields: Fields | Located, key: string, problem: string): InvalidFile {
  return new InvalidFile(fields.file, pathOf(fields, key), problem);
}

function pathOf({ path }: Fields | Located, key: string): string {
  if (key === "") return path;
  return path === "" ? key : `${path}.${key}`;
}

/** The object's members. @throws {InvalidFile} it is no object, or has a member that is not in `known` */
export function toFields(located: Located, known: readonly string[]): Fields {
  const values = toMembers(located);
  for (const key of values.keys()) {
    if (!known.includes(key)) throw fault(located, key, describeUnknown(key, known));
  }
  return { file: located.file, path: located.path, values };
}

function describeUnknown(key: string, known: readonly string[]): string {
  const nearest = nearestOf(key, known);
  return nearest === undefined
    ? `is unknown, want one of ${known.join(", ")}`
    : `is unknown; did you mean "${nearest}"?`;
}

function toMembers(located: Located): Map<string, unknown> {
  const { value } = located;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw fault(located, "", `want an object, got ${JSON.stringify(value)}`);
  }
  return new Map(Object.entries(value));
}

/** The member, or undefined where it is absent; `null` is not absent, but of a wrong type. */
export function member({ file, path, values }: Fields, key: string): Located | undefined {
  const value = values.get(key);
  return value === undefined ? undefined : { file, path: pathOf({ file, path, values }, key), value };
}

/** @throws {InvalidFile} the member is absent */
export function required<T>(fields: Fields, key: string, value: T | undefined): T {
  if (value === undefined) throw fault(fields, key, "is missing");
  return value;
}

function mismatch(located: Located, wanted: string): InvalidFile {
  return fault(located, "", `want ${wanted}, got ${JSON.stringify(located.value)}`);
}

/** How the text of a member becomes a value. */
export interface TextForm<T> {
  /** Undefined for what it cannot read. */
  parse(text: string): T | undefined;
  /** For a person: what would be right. */
  readonly wanted: string;
}

/** A text that is taken as it is where `isValid`. */
export function plainText(isValid: (text: string) => boolean, wanted: string): TextForm<string> {
  return { parse: (text) => (isValid(text) ? text : undefined), wanted };
}

export function textMember<T>(fields: Fields, key: string, form: TextForm<T>): T | undefined {
  const located = member(fields, key);
  return located === undefined ? undefined : toText(located, form);
}

export function toText<T>(located: Located, { parse, wanted }: TextForm<T>): T {
  const value = typeof located.value === "string" ? parse(located.value) : undefined;
  if (value === undefined) throw mismatch(located, wanted);
  return value;
}

/** One of a few texts. */
export function choiceMember<T extends string>(
  fields: Fields,
  key: string,
  choices: readonly T[],
): T | undefined {
  const parse = (text: string) => choices.find((choice) => choice === text);
  return textMember(fields, key, { parse, wanted: choices.map((choice) => `"${choice}"`).join(" or ") });
}

/** Whole numbers from `minimum` to `maximum`, both included. */
export interface Bounds {
  readonly minimum: number;
  readonly maximum: number;
}

export function integerMember(fields: Fields, key: string, { minimum, maximum }: Bounds): number | undefined {
  const located = member(fields, key);
  if (located === undefined) return undefined;
  const { value } = located;
  if (typeof value !== "number" || !Number.isInteger(value) || value < minimum || value > maximum) {
    throw mismatch(located, `a whole number from ${minimum} to ${maximum}`);
  }
  return value;
}

export function booleanMember(fields: Fields, key: string): boolean | undefined {
  const located = member(fields, key);
  if (located === undefined) return undefined;
  if (typeof located.value !== "boolean") throw mismatch(located, "true or false");
  return located.value;
}

/** The items of a list, at least one. @throws {InvalidFile} the list is absent or empty */
export function itemsMember(fields: Fields, key: string): Located[] {
  const located = required(fields, key, member(fields, key));
  const { file, path, value } = located;
  if (!Array.isArray(value) || value.length === 0) throw mismatch(located, "a list of at least one");
  return value.map((item: unknown, index) => ({ file, path: `${path}[${index}]`, value: item }));
}

/** An object of texts; undefined where the member is absent. */
export function textsMember(
  fields: Fields,
  key: string,
  forms: { readonly key: TextForm<string>; readonly value: TextForm<string> },
): Readonly<Record<string, string>> | undefined {
  const located = member(fields, key);
  if (located === undefined) return undefined;
  const { file, path } = located;
  const entries = [...toMembers(located)].map(([name, value]) => {
    if (forms.key.parse(name) === undefined) throw fault(located, name, `want ${forms.key.wanted}`);
    return [name, toText({ file, path: `${path}.${name}`, value }, forms.value)] as const;
  });
  return Object.fromEntries(entries);
}

type Given<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The object without the members that are undefined. */
export function present<T extends object>(given: Given<T>): T {
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as T; // `as`: what may be undefined in Given<T> may be absent in T
}
