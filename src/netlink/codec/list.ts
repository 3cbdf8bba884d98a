/** Lists: a run of attributes that all have one id and one type, like NFTA_LIST_ELEM. */

import { align, idAt, lengthAt, NLA_F_NESTED, writeAttribute } from "./attributes.ts";
import { concatenate, type PayloadType, readPayload } from "./type.ts";

const HEADER = 4;

/** The payload type of a list whose items have the id `id`; attributes with another id are passed over. */
export function listOf<T>(id: number, type: PayloadType<T>): PayloadType<readonly T[]> {
  return {
    read: (payload) => {
      const items: T[] = [];
      for (let at = 0; at < payload.length; ) {
        const length = lengthAt(payload, at);
        if (idAt(payload, at) === id)
          items.push(readPayload(type, payload.subarray(at + HEADER, at + length)));
        at += align(length);
      }
      return items;
    },
    write: (items) => {
      const parts: Uint8Array[] = [];
      for (const item of items) parts.push(writeAttribute(id, type.write(item, {})));
      return concatenate(parts);
    },
  };
}

/** The payload type of a message whose attributes are all one, any number of times, like RTM_NEWVLAN's. */
export function repeated<const N extends string, T>(
  name: N,
  id: number,
  type: PayloadType<T>,
): PayloadType<{ readonly [K in N]?: readonly T[] }> {
  // The kernel wants to see the flag in messages that are younger than the flag's checks (nla_parse_nested).
  const [readers, writers] = [listOf(id, type), listOf(NLA_F_NESTED | id, type)];
  return {
    read: (payload) => ({ [name]: readers.read(payload, {}) }) as { [K in N]: readonly T[] }, // `as`: one key, computed
    write: (value) => writers.write(value[name] ?? [], {}),
  };
}
