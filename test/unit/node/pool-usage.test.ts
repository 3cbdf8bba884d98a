/** How full address pools are. */

import { expect, test } from "vitest";
import { freeOf, sizeOf } from "../../../src/node/pool-usage.ts";
import { rangeSet } from "../../support/fixtures/ranges.ts";

test.for([
  ["a whole subnet, whose gateway is its first address", "10.1.0.0/24", 253n],
  ["a part without the gateway", "10.1.0.0/24 10.1.0.10-10.1.0.20", 11n],
  ["a part with its gateway in the middle", "10.1.0.0/24 10.1.0.10-10.1.0.20 via 10.1.0.15", 10n],
  ["a part that ends with the broadcast address", "10.1.0.0/24 10.1.0.250-10.1.0.255", 5n],
  ["two parts of a subnet", "10.1.0.0/24 10.1.0.10-10.1.0.20, 10.1.0.0/24 10.1.0.30-10.1.0.40", 22n],
  [
    "two parts, the gateway of one within the other",
    "10.1.0.0/24 10.1.0.10-10.1.0.20, 10.1.0.0/24 10.1.0.30-10.1.0.40 via 10.1.0.12",
    21n,
  ],
  ["an IPv6 subnet without its router and gateway addresses", "fd00:1::/64", 2n ** 64n - 2n],
] as const)("sizeOf() counts what can be given out when the set is %s", ([, ranges, size]) => {
  const set = rangeSet(ranges);
  expect(sizeOf([set], set)).toBe(size);
});

test("sizeOf() leaves the gateway of another set out when it lies in this one", () => {
  const set = rangeSet("10.1.0.0/24 10.1.0.10-10.1.0.20");
  const other = rangeSet("10.1.0.0/24 10.1.0.30-10.1.0.40 via 10.1.0.12");
  expect(sizeOf([set, other], set)).toBe(10n);
});

test.for([
  [10n, 3, 7n],
  [10n, 12, 0n],
] as const)("freeOf() is never below nothing when %i has %i used", ([total, used, free]) => {
  expect(freeOf(total, used)).toBe(free);
});
