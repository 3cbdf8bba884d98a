/** Overlap: networks against each other, across VLANs, and against what others have. */

import { expect, test } from "vitest";
import { findOverlap } from "../../../src/network/overlap.ts";
import { network, subnetwork, WEB_RANGE, WEB_RANGE_6 } from "../../support/fixtures/networks.ts";
import { prefix } from "../../support/fixtures/values.ts";

const range = (start: string, end: string, gateway?: string) => ({
  subnet: "10.10.120.0/24",
  start: `10.10.120.${start}`,
  end: `10.10.120.${end}`,
  gateway: gateway && `10.10.120.${gateway}`,
});

const WEB = network("web"); // .11 to .100, gateway .1, VLAN 120

test.for([
  [
    "ranges are equal",
    range("11", "100"),
    {},
    /^overlaps with network "web": ranges 10\.10\.120\.11-10\.10\.120\.100 and /,
  ],
  ["one address is shared", range("100", "101"), {}, /ranges/],
  ["one address is shared at the other end", range("2", "11"), {}, /ranges/],
  ["it is inside the other", range("50", "60"), {}, /ranges/],
  ["the other is inside", range("2", "200"), {}, /ranges/],
  ["ranges are equal on another VLAN", range("11", "100"), { vlan: 130 }, /ranges/],
  ["ranges are apart on another VLAN", range("101", "200"), { vlan: 130 }, /subnets .*VLANs/],
  ["ranges are apart without a VLAN", range("101", "200"), { vlan: undefined }, /subnets/],
  ["ranges are apart on the same VLAN", range("101", "200"), {}, undefined],
  ["the gateway is the same", range("101", "200", "1"), {}, undefined],
  [
    "its gateway is in the other's range",
    range("101", "200", "50"),
    {},
    /the gateway 10\.10\.120\.50 is inside its range/,
  ],
  [
    "the other's gateway is in its range",
    range("1", "5"),
    {},
    /its gateway 10\.10\.120\.1 is inside the range/,
  ],
  [
    "its subnet holds the other's",
    { subnet: "10.10.0.0/16", start: "10.10.1.1", end: "10.10.1.9" },
    {},
    /subnets 10\.10\.0\.0\/16 and 10\.10\.120\.0\/24/,
  ],
  [
    "the subnet is another",
    { subnet: "10.10.121.0/24", start: "10.10.121.1", end: "10.10.121.9" },
    { vlan: 121 },
    undefined,
  ],
  ["the family is another", WEB_RANGE_6, {}, undefined],
] as const)("findOverlap() compares networks when %s", ([, given, more, wanted]) => {
  const found = findOverlap(subnetwork("test", given, more), [WEB], []);
  if (wanted === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(wanted);
});

test("findOverlap() passes over the network itself when it is among the others", () => {
  expect(findOverlap(WEB, [WEB], [])).toBeUndefined();
});

test("findOverlap() looks at every range when both networks are dual stack", () => {
  const other = network("blue", {
    ranges: [{ subnet: "10.1.0.0/24", start: "10.1.0.5", end: "10.1.0.9" }, WEB_RANGE_6],
  });
  const dual = network("test", { ranges: [WEB_RANGE, WEB_RANGE_6] });
  expect(findOverlap(dual, [other], [])).toMatch(/"blue": ranges fd00:120::11/);
});

test("findOverlap() names the first network when several overlap", () => {
  const blue = subnetwork("blue", range("50", "60"));
  expect(findOverlap(subnetwork("test", range("40", "70")), [blue, WEB], [])).toMatch(/"blue"/);
});

test.for([
  ["10.10.0.0/16", /^overlaps with the pod network: subnet 10\.10\.120\.0\/24 and 10\.10\.0\.0\/16$/],
  ["10.10.120.200/32", /^overlaps with the pod network/],
  ["10.10.121.0/24", undefined],
  ["::/0", undefined],
] as const)("findOverlap() compares the subnet when others have %s", ([taken, wanted]) => {
  const found = findOverlap(WEB, [], [{ prefix: prefix(taken), holder: "the pod network" }]);
  if (wanted === undefined) expect(found).toBeUndefined();
  else expect(found).toMatch(wanted);
});
