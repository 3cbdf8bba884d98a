/** Addresses and prefixes for tests: from text that must be right, and at random. */

import fc from "fast-check";
import { ADDRESS_BITS, type Address, type Family, parseAddress } from "../../src/addr/address.ts";
import { type Prefix, parsePrefix } from "../../src/addr/prefix.ts";

export function address(text: string): Address {
  const value = parseAddress(text);
  if (value === undefined) throw new Error(`no address: ${text}`);
  return value;
}

export function prefix(text: string): Prefix {
  const value = parsePrefix(text);
  if (value === undefined) throw new Error(`no prefix: ${text}`);
  return value;
}

const family = fc.constantFrom<Family>(4, 6);

function addressOf(wanted: Family): fc.Arbitrary<Address> {
  const maximum = (1n << BigInt(ADDRESS_BITS[wanted])) - 1n;
  const groups = fc
    .array(fc.constantFrom<bigint>(0n, 0n, 1n, 0xffffn, 0xabcn), { minLength: 8, maxLength: 8 })
    .map((parts) => parts.reduce((value, part) => (value << 16n) | part, 0n) & maximum);
  const value = fc.oneof(fc.bigInt({ min: 0n, max: maximum }), groups);
  return value.map((number) => ({ family: wanted, value: number }));
}

/** Addresses of both families, many with runs of zero groups. */
export const anyAddress: fc.Arbitrary<Address> = family.chain(addressOf);

/** Prefixes of both families and all lengths, host bits set or not. */
export const anyPrefix: fc.Arbitrary<Prefix> = anyAddress.chain((value) =>
  fc
    .integer({ min: 0, max: ADDRESS_BITS[value.family] })
    .map((prefixLength) => ({ address: value, prefixLength })),
);

/** A hardware address in canonical text. */
export const anyMac: fc.Arbitrary<string> = fc
  .uint8Array({ minLength: 6, maxLength: 6 })
  .map((bytes) => bytes.toHex().replace(/..(?!$)/g, "$&:"));

/** True for `::ffff:0:0/96`, whose text form differs between libraries. */
export function isMapped({ family: of, value }: Address): boolean {
  return of === 6 && value >> 32n === 0xffffn;
}
