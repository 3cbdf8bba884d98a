/** An address with its prefix length (RFC 4632): a network, or an address on an interface. */

import {
  ADDRESS_BITS,
  type Address,
  type Family,
  formatAddress,
  parseAddress,
  parseDecimal,
  sameAddress,
} from "./address.ts";

export interface Prefix {
  /** May have host bits set, as in `ip address add 10.1.0.5/16`; `networkOf` clears them. */
  readonly address: Address;
  readonly prefixLength: number;
}

/** Reads `10.1.0.5/16` or `fd00::2/64`, host bits kept; undefined for anything else. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf("/");
  const address = slash < 0 ? undefined : parseAddress(text.slice(0, slash));
  if (address === undefined) return undefined;
  const prefixLength = parseDecimal(text.slice(slash + 1), ADDRESS_BITS[address.family]);
  return prefixLength === undefined ? undefined : { address, prefixLength };
}

export function formatPrefix(prefix: Prefix): string {
  return `${formatAddress(prefix.address)}/${prefix.prefixLength}`;
}

/** The host part of a prefix as a mask: all ones below the prefix length. */
function hostMask(prefix: Prefix): bigint {
  return (1n << BigInt(ADDRESS_BITS[prefix.address.family] - prefix.prefixLength)) - 1n;
}

/** The network mask: all ones above the host part. */
export function maskOf(prefix: Prefix): bigint {
  return ((1n << BigInt(ADDRESS_BITS[prefix.address.family])) - 1n) ^ hostMask(prefix);
}

/** The prefix with its host bits cleared: `10.1.0.5/16` gives `10.1.0.0/16`. */
export function networkOf(prefix: Prefix): Prefix {
  const { family, value } = prefix.address;
  return { address: { family, value: value & ~hostMask(prefix) }, prefixLength: prefix.prefixLength };
}

/** The last address of the prefix: all host bits set (the broadcast address in IPv4). */
export function lastAddressOf(prefix: Prefix): Address {
  const { family, value } = prefix.address;
  return { family, value: value | hostMask(prefix) };
}

export function prefixContains(prefix: Prefix, address: Address): boolean {
  const sameFamily = prefix.address.family === address.family;
  return sameFamily && sameAddress(networkOf(prefix).address, networkOf({ ...prefix, address }).address);
}

/** True where the two prefixes share an address. */
/** True where all of the other network is in this one. */
export function prefixCovers(prefix: Prefix, other: Prefix): boolean {
  return prefix.prefixLength <= other.prefixLength && prefixContains(prefix, other.address);
}

/** The families that there are prefixes of, IPv4 first. */
export function familiesOf(prefixes: readonly Prefix[]): Family[] {
  return ([4, 6] as const).filter((family) => prefixes.some(({ address }) => address.family === family));
}

/** The network of one address alone. */
export function singlePrefix(address: Address): Prefix {
  return { address, prefixLength: ADDRESS_BITS[address.family] };
}

export function isSinglePrefix({ address, prefixLength }: Prefix): boolean {
  return prefixLength === ADDRESS_BITS[address.family];
}

export function prefixesOverlap(a: Prefix, b: Prefix): boolean {
  return prefixContains(a, networkOf(b).address) || prefixContains(b, networkOf(a).address);
}

/** True for `0.0.0.0/0` and `::/0`. */
export function isDefaultPrefix(prefix: Prefix): boolean {
  return prefix.prefixLength === 0 && networkOf(prefix).address.value === prefix.address.value;
}
