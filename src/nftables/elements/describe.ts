/** Elements in the words of nft(8), for people. */

import { addressFromBytes, formatAddress } from "../../addr/address.ts";
import { macFromBytes } from "../../addr/mac.ts";
import { IPPROTO } from "../../addr/service.ts";
import { be16 } from "../../netlink/codec/integer.ts";
import { readIfname } from "../../netlink/netfilter/ifname.ts";
import type { KeyType } from "../tables/key.ts";
import { TABLE_NAME } from "../tables/requests.ts";
import { TABLES } from "../tables/tables.ts";
import type { Element } from "./element.ts";

/** What a key is to a person: `host port tcp . 80`, `host port 127.0.0.1 . udp . 53`, or the element. */
export function describeClaim(element: Element): string {
  return element.set.startsWith("hostports") ? `host port ${describeKey(element)}` : describeElement(element);
}

/** Like `element { tcp . 80 } of set hostports_ip in table inet podwire`. */
export function describeElement(element: Element): string {
  const { table, set } = element;
  return `element { ${describeKey(element)} } of set ${set} in table ${table} ${TABLE_NAME}`;
}

/** Like `nft delete element inet podwire hostports_ip '{ tcp . 80 }'`. */
export function deleteCommandOf(element: Element): string {
  return `nft delete element ${element.table} ${TABLE_NAME} ${element.set} '{ ${describeKey(element)} }'`;
}

function describeKey({ table, set, key }: Element): string {
  const definition = TABLES.find(({ kind }) => kind === table);
  const types = definition?.sets.find(({ name }) => name === set)?.key ?? [];
  let offset = 0;
  const parts = types.map((type) => {
    const text = describePart(type, key.subarray(offset, offset + type.size));
    offset += (type.size + 3) & ~3;
    return text;
  });
  return parts.join(" . ");
}

function describePart({ name }: KeyType, bytes: Uint8Array): string {
  if (name === "ifname") return readIfname(bytes);
  if (name === "ether_addr") return macFromBytes(bytes);
  if (name === "inet_service") return String(be16.readAt(bytes, 0));
  if (name === "inet_proto")
    return Object.entries(IPPROTO).find(([, number]) => number === bytes[0])?.[0] ?? String(bytes[0]);
  const address = addressFromBytes(bytes);
  return address === undefined ? bytes.toHex() : formatAddress(address);
}
