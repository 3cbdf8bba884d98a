/** Keys and values of sets and maps as the kernel's registers hold them: each part padded to four bytes. */

import { type Address, addressToBytes, type Family } from "../../addr/address.ts";
import { macToBytes } from "../../addr/mac.ts";
import { IPPROTO, type Protocol } from "../../addr/service.ts";
import { concatenate } from "../../netlink/codec/type.ts";
import { IFNAMSIZ } from "../../netlink/netfilter/ifname.ts";

/** A part of a key: its type as nft(8) names it, nft's number of that type, and its length in bytes. */
export interface KeyType {
  readonly name: string;
  readonly number: number;
  readonly size: number;
}

export const KEY_TYPE = {
  ipv4_addr: { name: "ipv4_addr", number: 7, size: 4 },
  ipv6_addr: { name: "ipv6_addr", number: 8, size: 16 },
  ether_addr: { name: "ether_addr", number: 9, size: 6 },
  inet_proto: { name: "inet_proto", number: 12, size: 1 },
  inet_service: { name: "inet_service", number: 13, size: 2 },
  ifname: { name: "ifname", number: 41, size: IFNAMSIZ },
} as const;

export function addressType(family: Family): KeyType {
  return family === 4 ? KEY_TYPE.ipv4_addr : KEY_TYPE.ipv6_addr;
}

const TYPE_BITS = 6;

/** Number of a concatenated type: six bits a part, as nft(8) packs them. */
export function typeNumber(parts: readonly KeyType[]): number {
  let number = 0;
  for (const part of parts) number = (number << TYPE_BITS) | part.number;
  return number;
}

/** The parts of such a number in words of nft(8): `ifname . ipv4_addr`; `number 19` for one that no key of ours has. */
export function describeTypeNumber(number: number): string {
  const parts: string[] = [];
  for (let left = number; left > 0; left >>>= TYPE_BITS) {
    const part = left & ((1 << TYPE_BITS) - 1);
    const known = Object.values(KEY_TYPE).find((type) => type.number === part);
    parts.unshift(known?.name ?? `number ${part}`);
  }
  return parts.join(" . ");
}

/** Length in bytes in registers: each part begins at a multiple of four, unless it stands alone. */
export function lengthOf(parts: readonly KeyType[]): number {
  const [first] = parts;
  if (parts.length === 1 && first !== undefined) return first.size;
  let length = 0;
  for (const part of parts) length += (part.size + 3) & ~3;
  return length;
}

export function addressPart(address: Address): Uint8Array {
  return addressToBytes(address);
}

export function macPart(mac: string): Uint8Array {
  const bytes = new Uint8Array(8);
  bytes.set(macToBytes(mac));
  return bytes;
}

export function protocolPart(protocol: Protocol): Uint8Array {
  return Uint8Array.of(IPPROTO[protocol], 0, 0, 0);
}

export function portPart(port: number): Uint8Array {
  return Uint8Array.of(port >> 8, port & 0xff, 0, 0);
}

export function keyOf(...parts: Uint8Array[]): Uint8Array {
  return concatenate(parts);
}

/** `ip` or `ip6`: the ending of the name of a set that holds addresses of one family. */
export function familyName(family: Family): "ip" | "ip6" {
  return family === 4 ? "ip" : "ip6";
}
