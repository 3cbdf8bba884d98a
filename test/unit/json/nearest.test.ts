/** The known word that a person may have meant. */

import { expect, test } from "vitest";
import { nearestOf } from "../../../src/json/nearest.ts";

const KNOWN = ["name", "ranges", "vlan", "vlanQos", "vlanProto", "group", "zone", "mtu", "attach"];

test.for([
  ["vlna", "vlan"],
  ["VLAN", "vlan"],
  ["vlanqos", "vlanQos"],
  ["range", "ranges"],
  ["grup", "group"],
  ["grp", undefined],
  ["vlan_proto", "vlanProto"],
  ["gateway", undefined],
  ["x", undefined],
  ["", undefined],
] as const)("nearestOf() gives a word that is near when asked for %j", ([word, wanted]) => {
  expect(nearestOf(word, KNOWN)).toBe(wanted);
});

test("nearestOf() gives undefined when nothing is known", () => {
  expect(nearestOf("vlan", [])).toBeUndefined();
});
