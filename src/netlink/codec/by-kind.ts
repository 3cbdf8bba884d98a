/** Payloads whose table depends on a sibling attribute, like IFLA_INFO_DATA on IFLA_INFO_KIND. */

import { type PayloadType, readPayload, type Siblings, type ValueOf } from "./type.ts";

// biome-ignore lint/suspicious/noExplicitAny: the kinds of one attribute have payloads of every type
type Kinds = Readonly<Record<string, PayloadType<any>>>;

// Attribute names are unique by kind, so one object type with the attributes of all kinds serves each of them.
type Merged<U> = (U extends unknown ? (member: U) => void : never) extends (all: infer I) => void ? I : never;

/** The attributes of the sibling's kind; the bytes under `raw` where no table knows the kind. */
export type KindValues<K extends Kinds> = Merged<ValueOf<K[keyof K]>> & { readonly raw?: Uint8Array };

export function byKind<K extends Kinds>(kindAttribute: string, kinds: K): PayloadType<KindValues<K>> {
  const typeFor = (siblings: Siblings) => {
    const kind = String(siblings[kindAttribute]);
    return Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  };
  return {
    read: (payload, siblings) => {
      const type = typeFor(siblings);
      const value = type === undefined ? { raw: payload.slice() } : readPayload(type, payload, siblings);
      return value as KindValues<K>; // `as`: the kind's own attributes are part of the merged type
    },
    write: (value, siblings) => typeFor(siblings)?.write(value, siblings) ?? value.raw ?? new Uint8Array(0),
    locate: (payload, offset, siblings) => typeFor(siblings)?.locate?.(payload, offset, siblings) ?? [],
  };
}
