/** Texts of a document that become values, and what else its objects are made of. */

import { isAsciiIfname, WANT_ASCII_IFNAME } from "../../addr/ifname.ts";
import { type Fields, field, required } from "../../json/fields.ts";
import { faultAt, type Located, memberOf, mismatch, toItems, toObject } from "../../json/located.ts";

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

/** The name of an interface of the node. */
export const IFNAME = plainText(isAsciiIfname, WANT_ASCII_IFNAME);

export function textField<T>(fields: Fields, key: string, form: TextForm<T>): T | undefined {
  const located = field(fields, key);
  return located === undefined ? undefined : toForm(located, form);
}

export function toForm<T>(located: Located, { parse, wanted }: TextForm<T>): T {
  const value = typeof located.value === "string" ? parse(located.value) : undefined;
  if (value === undefined) throw mismatch(located, wanted);
  return value;
}

/** One of a few texts. */
export function choiceField<T extends string>(
  fields: Fields,
  key: string,
  choices: readonly T[],
): T | undefined {
  const parse = (text: string) => choices.find((choice) => choice === text);
  return textField(fields, key, { parse, wanted: choices.map((choice) => `"${choice}"`).join(" or ") });
}

/** The items of a list, at least one. @throws {InvalidFile} the list is absent or empty */
export function itemsField(fields: Fields, key: string): Located[] {
  const located = required(fields, key, field(fields, key));
  if (!Array.isArray(located.value) || located.value.length === 0)
    throw mismatch(located, "a list of at least one");
  return toItems(located);
}

/** An object of texts; undefined where the member is absent. */
export function textsField(
  fields: Fields,
  key: string,
  forms: { readonly key: TextForm<string>; readonly value: TextForm<string> },
): Readonly<Record<string, string>> | undefined {
  const located = field(fields, key);
  if (located === undefined) return undefined;
  const entries = Object.entries(toObject(located)).map(([name, value]) => {
    if (forms.key.parse(name) === undefined) throw faultAt(located, name, `want ${forms.key.wanted}`);
    return [name, toForm(memberOf(located, name, value), forms.value)] as const;
  });
  return Object.fromEntries(entries);
}

type Given<T> = { [K in keyof T]-?: Record<never, never> extends Pick<T, K> ? T[K] | undefined : T[K] };

/** The object without the members that are undefined. */
export function present<T extends object>(given: Given<T>): T {
  const members = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(members) as T; // `as`: what may be undefined in Given<T> may be absent in T
}
