/**
 * Parts of a record as values: each says how it is written as JSON, and how it is read back.
 *
 * They are data, which two functions interpret, and not closures: a plugin call copies each page of memory in which it
 * counts a reference.
 */

/** A record on disk is not what this version or an earlier one has written. */
export class InvalidRecord extends Error {
  override readonly name = "InvalidRecord";
}

/** What a part is. `T` is for the compiler alone. */
export type Field<T> = Shape & { readonly type?: T };

type Shape = {
  /** It is written as it is: there is nothing but JSON in it. */
  readonly isVerbatim: boolean;
} & (
  | { readonly kind: "plain"; readonly wanted: string; isValid(value: unknown): boolean }
  | { readonly kind: "text"; readonly values: readonly string[] }
  /** A value of ours that stands there as text. */
  | {
      readonly kind: "parsed";
      readonly wanted: string;
      format(value: never): string;
      parse(text: string): unknown;
    }
  | { readonly kind: "list"; readonly item: Shape }
  | { readonly kind: "object"; readonly fields: Shapes; readonly required: readonly string[] }
  /** The member `kind` of the object tells which. */
  | { readonly kind: "variant"; readonly variants: Shapes }
);

type Shapes = Readonly<Record<string, Shape>>;

/** How each member of `T` is written; an absent one is left out. */
export type Fields<T> = { readonly [K in keyof T]-?: Field<Exclude<T[K], undefined>> };

const isText = (value: unknown) => typeof value === "string";
const isFlag = (value: unknown) => typeof value === "boolean";
const isTrue = (value: unknown) => value === true;

export const text: Field<string> = plain("a string", isText);
export const flag: Field<boolean> = plain("true or false", isFlag);
export const integer: Field<number> = plain("a whole number", Number.isInteger);
/** True where it is there at all. */
export const mark: Field<true> = plain("true", isTrue);

function plain(wanted: string, isValid: (value: unknown) => boolean): Shape {
  return { kind: "plain", isVerbatim: true, wanted, isValid };
}

/** One of a few texts. */
export function oneOf<T extends string>(...values: readonly T[]): Field<T> {
  return { kind: "text", isVerbatim: true, values };
}

/** What `parse` makes of a text; undefined: nothing. */
export function parsed<T>(
  wanted: string,
  format: (value: T) => string,
  parse: (text: string) => T | undefined,
): Field<T> {
  return { kind: "parsed", isVerbatim: false, wanted, format, parse };
}

export function list<T>(item: Field<T>): Field<readonly T[]> {
  return { kind: "list", isVerbatim: item.isVerbatim, item };
}

/** An object of which the members in `required` must be there; others than those of `fields` are passed over. */
export function object<T extends object>(
  fields: Fields<T>,
  required: readonly (keyof T & string)[],
): Field<T> {
  return { kind: "object", isVerbatim: areVerbatim(fields), fields, required };
}

/** One of several objects. */
export function variant<T extends { readonly kind: string }>(
  variants: {
    readonly [K in T["kind"]]: Field<Extract<T, { kind: K }>>;
  },
): Field<T> {
  return { kind: "variant", isVerbatim: areVerbatim(variants), variants };
}

function areVerbatim(shapes: Shapes): boolean {
  return Object.values(shapes).every(({ isVerbatim }) => isVerbatim);
}

/** As JSON can have it. */
export function encode<T>(field: Field<T>, value: T): unknown {
  return encodeAs(field, value);
}

/** @throws {InvalidRecord} naming `path` */
export function decode<T>(field: Field<T>, value: unknown, path: string): T {
  return decodeAs(field, value, path) as T; // `as`: held against the field
}

function encodeAs(shape: Shape, value: unknown): unknown {
  if (shape.isVerbatim) return value;
  if (shape.kind === "parsed") return shape.format(value as never); // `as`: what follows is typed by Field<T>
  if (shape.kind === "list") return (value as unknown[]).map((item) => encodeAs(shape.item, item));
  if (shape.kind === "variant") return encodeAs(variantOf(shape.variants, value, ""), value);
  if (shape.kind !== "object") return value;
  const encoded: Record<string, unknown> = {};
  const members = value as Readonly<Record<string, unknown>>; // `as`: typed by Field<T>
  for (const key of Object.keys(members)) {
    const own = shape.fields[key];
    if (own !== undefined && members[key] !== undefined) encoded[key] = encodeAs(own, members[key]);
  }
  return encoded;
}

function decodeAs(shape: Shape, value: unknown, path: string): unknown {
  if (shape.kind === "plain") return shape.isValid(value) ? value : invalid(path, shape.wanted);
  if (shape.kind === "text")
    return isText(value) && shape.values.includes(value as string)
      ? value
      : invalid(path, shape.values.join(", "));
  if (shape.kind === "parsed")
    return (isText(value) ? shape.parse(value as string) : undefined) ?? invalid(path, shape.wanted);
  if (shape.kind === "variant") return decodeAs(variantOf(shape.variants, value, path), value, path);
  if (shape.kind === "object")
    return decodeMembers(shape.fields, shape.required, requireObject(value, path), path);
  if (!Array.isArray(value)) return invalid(path, "a list");
  return value.map((item: unknown, index) => decodeAs(shape.item, item, `${path}[${index}]`));
}

function decodeMembers(
  fields: Shapes,
  required: readonly string[],
  value: Readonly<Record<string, unknown>>,
  path: string,
): object {
  const decoded: Record<string, unknown> = {};
  for (const key of Object.keys(value)) {
    const own = fields[key];
    if (own !== undefined) decoded[key] = decodeAs(own, value[key], join(path, key));
  }
  const missing = required.find((key) => decoded[key] === undefined);
  return missing === undefined ? decoded : invalid(join(path, missing), "a value");
}

function variantOf(variants: Shapes, value: unknown, path: string): Shape {
  const { kind } = requireObject(value, path);
  const found = Object.entries(variants).find(([name]) => name === kind);
  return found?.[1] ?? invalid(join(path, "kind"), Object.keys(variants).join(", "));
}

function requireObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return invalid(path, "an object");
  return value as Record<string, unknown>; // `as`: any object
}

function invalid(path: string, wanted: string): never {
  throw new InvalidRecord(`${path}: want ${wanted}`);
}

function join(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
