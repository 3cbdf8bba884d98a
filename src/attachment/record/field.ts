/** Parts of a record as values: each says how it is written as JSON, and how it is read back. */

/** A record on disk is not what this version or an earlier one has written. */
export class InvalidRecord extends Error {
  override readonly name = "InvalidRecord";
}

export interface Field<T> {
  encode(value: T): unknown;
  /** @throws {InvalidRecord} naming `path` */
  decode(value: unknown, path: string): T;
}

/** How each member of `T` is written; an absent one is left out. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

export const text = plain<string>("a string", (value) => typeof value === "string");
export const flag = plain<boolean>("true or false", (value) => typeof value === "boolean");
export const integer = plain<number>("a whole number", Number.isInteger);

/** One of a few texts. */
export function oneOf<T extends string>(...values: readonly T[]): Field<T> {
  return plain(values.join(", "), (value) => values.some((known) => known === value));
}

/** True where it is there at all. */
export const mark = plain<true>("true", (value) => value === true);

/** What `parse` makes of a text; undefined: nothing. */
export function parsed<T>(
  wanted: string,
  format: (value: T) => string,
  parse: (text: string) => T | undefined,
): Field<T> {
  return {
    encode: format,
    decode(value, path) {
      const result = typeof value === "string" ? parse(value) : undefined;
      if (result === undefined) throw invalid(path, wanted);
      return result;
    },
  };
}

export function list<T>(item: Field<T>): Field<readonly T[]> {
  return {
    encode: (values) => values.map((value) => item.encode(value)),
    decode(value, path) {
      if (!Array.isArray(value)) throw invalid(path, "a list");
      return value.map((one, index) => item.decode(one, `${path}[${index}]`));
    },
  };
}

/** An object of which the members in `required` must be there; others than those of `fields` are passed over. */
export function object<T extends object>(
  fields: Fields<T>,
  required: readonly (keyof T & string)[],
): Field<T> {
  return {
    encode: (value) => encodeMembers(fields, value),
    decode(value, path) {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw invalid(path, "an object");
      const members = decodeMembers(fields, value as Record<string, unknown>, path); // `as`: any object
      const missing = required.find((key) => members[key] === undefined);
      if (missing !== undefined) throw invalid(join(path, missing), "a value");
      return members as T; // `as`: all that is required is there
    },
  };
}

export function encodeMembers<T extends object>(fields: Fields<T>, value: Partial<T>): object {
  const encoded: Record<string, unknown> = {};
  for (const key in fields) {
    const member = value[key];
    if (member !== undefined) encoded[key] = fields[key].encode(member as Exclude<T[typeof key], undefined>); // `as`: it is there
  }
  return encoded;
}

function decodeMembers<T extends object>(
  fields: Fields<T>,
  value: Readonly<Record<string, unknown>>,
  path: string,
): Partial<T> {
  const decoded: Partial<T> = {};
  for (const key in fields)
    if (value[key] !== undefined) decoded[key] = fields[key].decode(value[key], join(path, key));
  return decoded;
}

function plain<T>(wanted: string, isValid: (value: unknown) => boolean): Field<T> {
  return {
    encode: (value) => value,
    decode(value, path) {
      if (!isValid(value)) throw invalid(path, wanted);
      return value as T; // `as`: just held against it
    },
  };
}

function invalid(path: string, wanted: string): InvalidRecord {
  return new InvalidRecord(`${path}: want ${wanted}`);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
