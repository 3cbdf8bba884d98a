/** Counts and bars of address pools. */

import { expect, test } from "vitest";
import { sizeOf } from "../../../../src/cli/addresses/pools.ts";
import { formatBar, formatCount, freeOf } from "../../../../src/cli/addresses/view.ts";
import { rangeSet } from "../../../support/ranges.ts";

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
  [0, 10n, "░░░░░░░░░░░░░░░░░░░░ 0 %"],
  [1, 1000n, "█░░░░░░░░░░░░░░░░░░░ 0 %"],
  [5, 10n, "██████████░░░░░░░░░░ 50 %"],
  [999, 1000n, "███████████████████░ 99 %"],
  [10, 10n, "████████████████████ 100 %"],
  [12, 10n, "████████████████████ 100 %"],
  [3, 2n ** 64n, "█░░░░░░░░░░░░░░░░░░░ 0 %"],
] as const)("formatBar() shows the share when %i of %i are used", ([used, total, bar]) => {
  expect(formatBar(used, total)).toBe(bar);
});

test.for([
  [0n, "0"],
  [9_999_999n, "9999999"],
  [10_000_000n, "1.0e7"],
  [2n ** 64n, "1.8e19"],
] as const)("formatCount() is short when the count is %i", ([count, text]) => {
  expect(formatCount(count)).toBe(text);
});

test.for([
  [10n, 3, 7n],
  [10n, 12, 0n],
] as const)("freeOf() is never below nothing when %i has %i used", ([total, used, free]) => {
  expect(freeOf(total, used)).toBe(free);
});
