/** Ranges: host-local's defaults, what is refused, overlap, and what is never handed out. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../src/addr/address.ts";
import {
  checkRangeSets,
  describeRangeSet,
  InvalidRange,
  isAllocatable,
  type Range,
  rangeContains,
  toRange,
} from "../../../src/ipam/range.ts";
import { range, rangeSet } from "../../support/fixtures/ranges.ts";
import { address, prefix } from "../../support/fixtures/values.ts";

function text(value: Range): string {
  const { start, end, gateway } = value;
  return `${formatAddress(start)}-${formatAddress(end)} via ${gateway && formatAddress(gateway)}`;
}

test.for([
  ["10.0.0.0/24", "10.0.0.1-10.0.0.254 via 10.0.0.1"],
  ["10.1.0.0/16", "10.1.0.1-10.1.255.254 via 10.1.0.1"],
  ["192.0.2.0/30", "192.0.2.1-192.0.2.2 via 192.0.2.1"],
  ["fd00::/64", "fd00::1-fd00::ffff:ffff:ffff:ffff via fd00::1"],
  ["fd00::/126", "fd00::1-fd00::3 via fd00::1"],
  ["0.0.0.0/0", "0.0.0.1-255.255.255.254 via 0.0.0.1"],
  ["10.0.0.0/24 10.0.0.5-", "10.0.0.5-10.0.0.254 via 10.0.0.1"],
  ["10.0.0.0/24 -10.0.0.9", "10.0.0.1-10.0.0.9 via 10.0.0.1"],
  ["10.0.0.0/24 10.0.0.5-10.0.0.5", "10.0.0.5-10.0.0.5 via 10.0.0.1"],
  ["10.0.0.0/24 10.0.0.0-10.0.0.255", "10.0.0.0-10.0.0.255 via 10.0.0.1"],
  ["10.0.0.0/24 via 10.0.0.254", "10.0.0.1-10.0.0.254 via 10.0.0.254"],
  ["10.0.0.0/24 via 192.0.2.1", "10.0.0.1-10.0.0.254 via 192.0.2.1"],
] as const)("toRange() fills in host-local's defaults when given %s", ([given, wanted]) => {
  expect(text(range(given))).toBe(wanted);
});

test.for([
  ["10.0.0.0/31", /too small/],
  ["10.0.0.1/32", /too small/],
  ["fd00::/127", /too small/],
  ["10.0.0.1/24", /host bits set, want 10\.0\.0\.0\/24/],
  ["fd00::1/64", /host bits set, want fd00::\/64/],
  ["10.0.0.0/24 10.0.1.1-", /^rangeStart 10\.0\.1\.1 is not in/],
  ["10.0.0.0/24 -10.0.1.1", /^rangeEnd 10\.0\.1\.1 is not in/],
  ["10.0.0.0/24 fd00::1-", /^rangeStart fd00::1 is not in/],
  ["10.0.0.0/24 10.0.0.9-10.0.0.8", /before rangeStart/],
  ["10.0.0.0/24 via fd00::1", /another family/],
] as const)("toRange() throws InvalidRange when given %s", ([given, message]) => {
  const make = () => range(given);
  expect(make).toThrow(InvalidRange);
  expect(make).toThrow(message);
});

test("toRange() takes a subnet when all the rest is undefined", () => {
  const settings = {
    subnet: prefix("10.0.0.0/24"),
    rangeStart: undefined,
    rangeEnd: undefined,
    gateway: undefined,
  };
  expect(toRange(settings)).toEqual(range("10.0.0.0/24"));
});

test.for([
  [["10.0.0.0/24", "fd00::/64"]],
  [["10.0.0.0/24, 10.0.1.0/24"]],
  [["10.0.0.0/24 10.0.0.1-10.0.0.9, 10.0.0.0/24 10.0.0.10-10.0.0.20"]],
  [["10.0.0.0/24 10.0.0.1-10.0.0.9", "10.0.0.0/24 10.0.0.10-10.0.0.20"]],
  [[]],
] as const)("checkRangeSets() accepts ranges when they are apart: %j", ([sets]) => {
  expect(() => checkRangeSets(sets.map(rangeSet))).not.toThrow();
});

test.for([
  [["10.0.0.0/24, fd00::/64"], /^range set 0 mixes/],
  [["10.0.0.0/24", "10.1.0.0/24, fd00::/64"], /^range set 1 mixes/],
  [["10.0.0.0/24", "10.0.0.0/24"], /^range sets 0 and 1: .* overlap/],
  [["10.0.0.0/24, 10.0.0.0/24"], /^range set 0: .* overlap/],
  [["10.0.0.0/16", "fd00::/64", "10.0.5.0/24"], /^range sets 0 and 2: /],
  [["10.0.5.0/24", "10.0.0.0/16"], /^range sets 0 and 1: /],
  [["10.0.0.0/24 10.0.0.1-10.0.0.10", "10.0.0.0/24 10.0.0.10-10.0.0.20"], /overlap/],
  [["10.0.0.0/24 10.0.0.10-10.0.0.20", "10.0.0.0/24 10.0.0.1-10.0.0.10"], /overlap/],
  [["fd00::/64, fd00::/112"], /^range set 0: /],
] as const)("checkRangeSets() throws InvalidRange with the places when given %j", ([sets, message]) => {
  const check = () => checkRangeSets(sets.map(rangeSet));
  expect(check).toThrow(InvalidRange);
  expect(check).toThrow(message);
});

test("checkRangeSets() throws InvalidRange when a set is empty", () => {
  expect(() => checkRangeSets([rangeSet("10.0.0.0/24"), []])).toThrow(/^range set 1 is empty/);
});

test.for([
  ["10.0.0.4", false],
  ["10.0.0.5", true],
  ["10.0.0.7", true],
  ["10.0.0.9", true],
  ["10.0.0.10", false],
  ["::a00:7", false],
] as const)("rangeContains() includes both ends when asked for %s", ([given, wanted]) => {
  expect(rangeContains(range("10.0.0.0/24 10.0.0.5-10.0.0.9"), address(given))).toBe(wanted);
});

test.for([
  ["10.0.0.0/24 10.0.0.0-10.0.0.255", "10.0.0.0", false],
  ["10.0.0.0/24 10.0.0.0-10.0.0.255", "10.0.0.1", false],
  ["10.0.0.0/24 10.0.0.0-10.0.0.255", "10.0.0.2", true],
  ["10.0.0.0/24 10.0.0.0-10.0.0.255", "10.0.0.255", false],
  ["10.0.0.0/24 via 10.0.0.7", "10.0.0.1", true],
  ["10.0.0.0/24 via 10.0.0.7", "10.0.0.7", false],
  ["fd00::/64 fd00::-", "fd00::", false],
  ["fd00::/126", "fd00::3", true],
] as const)(
  "isAllocatable() keeps special addresses back when %s is asked for %s",
  ([given, asked, wanted]) => {
    expect(isAllocatable(range(given), address(asked))).toBe(wanted);
  },
);

test("describeRangeSet() names all ranges when there are several", () => {
  expect(describeRangeSet(rangeSet("10.0.0.0/29, 10.0.1.0/30"))).toBe("10.0.0.1-10.0.0.6,10.0.1.1-10.0.1.2");
});
