/** Prefixes: text, first and last address, containment, held against an independent library. */

import fc from "fast-check";
import { Address4, Address6 } from "ip-address";
import { expect, test } from "vitest";
import { ADDRESS_BITS, formatAddress } from "../../../src/addr/address.ts";
import {
  formatPrefix,
  isDefaultPrefix,
  lastAddressOf,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
  prefixesOverlap,
} from "../../../src/addr/prefix.ts";
import { address, anyAddress, anyPrefix, isMapped, prefix } from "../../support/fixtures/values.ts";

function theirs(value: Prefix): Address4 | Address6 {
  const text = `${formatAddress(value.address)}/${value.prefixLength}`;
  return value.address.family === 4 ? new Address4(text) : new Address6(text);
}

test.for([
  "10.1.0.5",
  "10.1.0.5/",
  "/24",
  "10.1.0.5/33",
  "10.1.0.5/-1",
  "10.1.0.5/024",
  "10.1.0.5/+8",
  "10.1.0.5/8 ",
  "10.1.0.5/255.255.0.0",
  "10.1.0/24",
  "10.1.0.5/24/8",
  "fd00::/129",
  "fd00::/6a",
  "fd00::",
  "",
  "10.1.0.5/1e1",
])("parsePrefix() gives undefined when given %j", (text) => {
  expect(parsePrefix(text)).toBeUndefined();
});

test.for(["10.1.0.5/16", "0.0.0.0/0", "10.1.0.5/32", "fd00::2/64", "::/0", "::1/128"])(
  "formatPrefix() keeps host bits when given %s",
  (text) => {
    expect(formatPrefix(prefix(text))).toBe(text);
  },
);

test("parsePrefix() undoes formatPrefix() when given any prefix", () => {
  fc.assert(
    fc.property(anyPrefix, (value) => {
      expect(parsePrefix(formatPrefix(value))).toEqual(value);
    }),
  );
});

test("networkOf() and lastAddressOf() agree with ip-address when given any prefix", () => {
  fc.assert(
    fc.property(anyPrefix, (value) => {
      expect(networkOf(value).address.value).toBe(theirs(value).startAddress().bigInt());
      expect(lastAddressOf(value).value).toBe(theirs(value).endAddress().bigInt());
    }),
  );
});

/** A prefix and an address that often differs from the prefix's own only in its lowest bits. */
const prefixAndNeighbour = fc
  .tuple(anyPrefix, fc.nat(), fc.boolean(), anyAddress)
  .map(([value, shift, isNear, other]) => {
    const bit = 1n << BigInt(shift % ADDRESS_BITS[value.address.family]);
    return [value, isNear ? { ...value.address, value: value.address.value ^ bit } : other] as const;
  });

test("prefixContains() agrees with ip-address when given any prefix and address", () => {
  fc.assert(
    fc.property(prefixAndNeighbour, ([value, other]) => {
      const host = theirs({ address: other, prefixLength: ADDRESS_BITS[other.family] });
      const isInside = value.address.family === other.family && host.isInSubnet(theirs(value));
      fc.pre(!isMapped(other) && !isMapped(value.address));
      expect(prefixContains(value, other)).toBe(isInside);
    }),
    { numRuns: 500 },
  );
});

test.for([
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.7/8", "10.9.9.9", true],
  ["10.0.0.1/32", "10.0.0.1", true],
  ["10.0.0.1/32", "10.0.0.2", false],
  ["0.0.0.0/0", "::1", false],
  ["::/0", "ffff::", true],
  ["fd00::/64", "fd00:0:0:1::", false],
] as const)("prefixContains() compares networks when %s is asked for %s", ([text, other, wanted]) => {
  expect(prefixContains(prefix(text), address(other))).toBe(wanted);
});

test.for([
  ["10.0.0.0/8", "10.1.0.0/16", true],
  ["10.1.0.0/16", "10.0.0.0/8", true],
  ["10.1.0.0/16", "10.2.0.0/16", false],
  ["10.1.0.5/16", "10.1.9.9/24", true],
  ["0.0.0.0/0", "::/0", false],
] as const)("prefixesOverlap() is symmetric and right when given %s and %s", ([a, b, wanted]) => {
  expect([prefixesOverlap(prefix(a), prefix(b)), prefixesOverlap(prefix(b), prefix(a))]).toEqual([
    wanted,
    wanted,
  ]);
});

test.for([
  ["0.0.0.0/0", true],
  ["::/0", true],
  ["0.0.0.0/1", false],
  ["10.0.0.0/8", false],
] as const)("isDefaultPrefix() knows a default route when given %s", ([text, wanted]) => {
  expect(isDefaultPrefix(prefix(text))).toBe(wanted);
});
