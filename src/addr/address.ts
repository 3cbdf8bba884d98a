/** IPv4 and IPv6 addresses as values: text, bytes and number of one address. */

export type Family = 4 | 6;

export interface Address {
  readonly family: Family;
  /** The address as an unsigned integer, most significant bit first on the wire. */
  readonly value: bigint;
}

/** Width of an address in bits, by family. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

const MAPPED_IPV4 = 0xffffn;

/**
 * Reads an address in dotted decimal (RFC 6943 §3.1.1 strict form) or RFC 4291 text.
 *
 * Returns undefined for anything else: zones, leading zeros, white space, missing groups.
 */
export function parseAddress(text: string): Address | undefined {
  const family: Family = text.includes(":") ? 6 : 4;
  const value = family === 4 ? parseDotted(text) : parseColon(text);
  return value === undefined ? undefined : { family, value };
}

function parseDotted(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let value = 0n;
  for (const part of parts) {
    const octet = parseDecimal(part, 255);
    if (octet === undefined) return undefined;
    value = (value << 8n) | BigInt(octet);
  }
  return value;
}

/** A whole number from 0 to `maximum` as a person writes it: digits alone, no leading zero; else undefined. */
export function parseDecimal(text: string, maximum: number): number | undefined {
  const number = Number(text);
  return String(number) === text && Number.isInteger(number) && number >= 0 && number <= maximum
    ? number
    : undefined;
}

function parseColon(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? "", halves.length === 1);
  const tail = parseGroups(halves[1] ?? "", true);
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let value = 0n;
  for (const group of head) value = (value << 16n) | BigInt(group);
  value <<= BigInt(16 * missing);
  for (const group of tail) value = (value << 16n) | BigInt(group);
  return value;
}

/** Reads `a:b:c`; the last part may be dotted decimal where `mayEndDotted`. */
function parseGroups(text: string, mayEndDotted: boolean): number[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    const group = parseGroup(part);
    if (group !== undefined) {
      groups.push(group);
      continue;
    }
    const dotted = mayEndDotted && index === parts.length - 1 ? parseDotted(part) : undefined;
    if (dotted === undefined) return undefined;
    groups.push(Number(dotted >> 16n), Number(dotted & 0xffffn));
  }
  return groups;
}

/** One to four hexadecimal digits; else undefined. */
function parseGroup(text: string): number | undefined {
  const group = Number(`0x${text}`);
  const isExact = text.length <= 4 && group.toString(16).padStart(text.length, "0") === text.toLowerCase();
  return isExact ? group : undefined;
}

/** Writes an address as RFC 5952 asks: lower case, longest run of zero groups as `::`. */
export function formatAddress(address: Address): string {
  if (address.family === 4) return formatDotted(address.value);
  if (address.value >> 32n === MAPPED_IPV4) return `::ffff:${formatDotted(address.value & 0xffff_ffffn)}`;
  const groups: number[] = [];
  for (let shift = 112n; shift >= 0n; shift -= 16n) groups.push(Number((address.value >> shift) & 0xffffn));
  const run = longestZeroRun(groups);
  const hex = groups.map((group) => group.toString(16));
  if (run.length < 2) return hex.join(":");
  return `${hex.slice(0, run.start).join(":")}::${hex.slice(run.start + run.length).join(":")}`;
}

function formatDotted(value: bigint): string {
  return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join(".");
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start++) {
    let length = 0;
    while (groups[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
  }
  return best;
}

const LOW_64 = (1n << 64n) - 1n;

/** The address in network byte order: 4 or 16 bytes. */
export function addressToBytes(address: Address): Uint8Array {
  const bytes = new Uint8Array(ADDRESS_BITS[address.family] / 8);
  const view = new DataView(bytes.buffer);
  if (address.family === 4) {
    view.setUint32(0, Number(address.value));
  } else {
    view.setBigUint64(0, address.value >> 64n);
    view.setBigUint64(8, address.value & LOW_64);
  }
  return bytes;
}

/** Reads 4 or 16 bytes in network byte order; undefined for any other length. */
export function addressFromBytes(bytes: Uint8Array): Address | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length === 4) return { family: 4, value: BigInt(view.getUint32(0)) };
  if (bytes.length === 16) return { family: 6, value: (view.getBigUint64(0) << 64n) | view.getBigUint64(8) };
  return undefined;
}

/** True where both are the same address of the same family. */
export function sameAddress(a: Address, b: Address): boolean {
  return a.family === b.family && a.value === b.value;
}

/** True for fe80::/10. */
export function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan;
}

/** The address `count` after this one; undefined past the end of the address space. */
export function addressPlus(address: Address, count: bigint): Address | undefined {
  const value = address.value + count;
  const inside = value >= 0n && value >> BigInt(ADDRESS_BITS[address.family]) === 0n;
  return inside ? { family: address.family, value } : undefined;
}
