/** Names of vlan interfaces. */

import { expect, test } from "vitest";
import { vlanIfnameOf } from "../../../src/link/vlan.ts";

test.for([
  ["eth1", 1, "eth1.1"],
  ["eth1", 4094, "eth1.4094"],
  ["enp175s0f0", 4094, "enp175s0f0.4094"],
  ["é23456789", 4094, "é23456789.4094"],
] as const)("vlanIfnameOf() is the name and the VLAN when %s and %d fit", ([ifname, vlan, wanted]) => {
  expect(vlanIfnameOf(ifname, vlan)).toBe(wanted);
});

test.for([
  ["enp175s0f0n", 4094],
  ["enp175s0f0np0", 12],
  ["é234567890", 4094],
  ["abcdefghijklmno", 1],
] as const)("vlanIfnameOf() has 15 bytes and the VLAN when %s and %d do not fit", ([ifname, vlan]) => {
  expect(vlanIfnameOf(ifname, vlan)).toMatch(new RegExp(`^v[0-9a-f]+\\.${vlan}$`));
  expect(vlanIfnameOf(ifname, vlan)).toHaveLength(15);
});

test("vlanIfnameOf() tells long names apart when only their ends differ", () => {
  expect(vlanIfnameOf("enp175s0f0np0", 12)).not.toBe(vlanIfnameOf("enp175s0f0np1", 12));
});
