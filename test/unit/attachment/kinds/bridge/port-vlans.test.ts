/** What a port carries for what was asked for: each VLAN once, tagged or not, in order. */

import { expect, test } from "vitest";
import {
  describeRanges,
  isUntouched,
  wantedRanges,
} from "../../../../../src/attachment/kinds/bridge/port-vlans.ts";
import type { PortVlans } from "../../../../../src/cni/netconf/vlan.ts";
import { access, tagged } from "../../../../../src/link/bridge-vlan.ts";

const NONE: PortVlans = { tagged: [], keepsDefault: false };
const span = (first: number, last = first) => ({ first, last });

const rows: [name: string, vlans: Partial<PortVlans>, defaultPvid: number, text: string][] = [
  ["one VLAN", { untagged: 100 }, 1, "100 pvid untagged"],
  ["the default VLAN", { untagged: 1 }, 1, "1 pvid untagged"],
  [
    "one VLAN beside the default one",
    { untagged: 100, keepsDefault: true },
    1,
    "1 untagged, 100 pvid untagged",
  ],
  ["the default VLAN beside itself", { untagged: 1, keepsDefault: true }, 1, "1 pvid untagged"],
  ["a default VLAN that there is not", { untagged: 100, keepsDefault: true }, 0, "100 pvid untagged"],
  ["ranges", { untagged: 100, tagged: [span(200, 210), span(7)] }, 1, "7, 100 pvid untagged, 200-210"],
  [
    "ranges that touch and overlap",
    { untagged: 1, tagged: [span(7, 9), span(8, 12), span(13)] },
    1,
    "1 pvid untagged, 7-13",
  ],
  ["a VLAN both tagged and not", { untagged: 8, tagged: [span(7, 9)] }, 1, "7, 8 pvid untagged, 9"],
  [
    "the default VLAN tagged",
    { untagged: 5, tagged: [span(1)], keepsDefault: true },
    1,
    "1, 5 pvid untagged",
  ],
  ["every VLAN", { untagged: 1, tagged: [span(1, 4094)] }, 1, "1 pvid untagged, 2-4094"],
];

test.for(rows)("wantedRanges() is right when asked for %s", ([, vlans, defaultPvid, text]) => {
  expect(describeRanges(wantedRanges({ ...NONE, ...vlans }, defaultPvid))).toBe(text);
});

test("describeRanges() says the same of ranges in another order and cut otherwise", () => {
  const ranges = [tagged(9), access(100), tagged(7), tagged(8), tagged(101)];
  expect(describeRanges(ranges)).toBe("7-9, 100 pvid untagged, 101");
});

test("describeRanges() keeps apart what is tagged and what is not", () => {
  expect(describeRanges([tagged(7), { ...tagged(8), isUntagged: true }])).toBe("7, 8 untagged");
});

test("describeRanges() says that there is none", () => {
  expect(describeRanges([])).toBe("none");
});

test.for([
  [NONE, true],
  [{ ...NONE, keepsDefault: true }, true],
  [{ ...NONE, untagged: 1 }, false],
  [{ ...NONE, tagged: [span(7)] }, false],
] as const)("isUntouched() of %j is %j", ([vlans, untouched]) => {
  expect(isUntouched(vlans)).toBe(untouched);
});
