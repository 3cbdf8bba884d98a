/** Requests about a port's VLANs: what `bridge vlan set` writes for the same VLANs, its options left out. */

import { expect, test } from "vitest";
import {
  access,
  deletePortVlansRequest,
  setPortVlansRequest,
  tagged,
  type VlanRange,
} from "../../../src/link/bridge-vlan.ts";
import type { ValueOf } from "../../../src/netlink/codec/type.ts";
import { bridgeVlanMessage } from "../../../src/netlink/route/bridge-vlan.ts";
import type { RouteRequest } from "../../../src/netlink/route/protocol.ts";

function hexOf({ body }: RouteRequest): string {
  return bridgeVlanMessage.write(body as ValueOf<typeof bridgeVlanMessage>, {}).toHex(); // `as`: of these requests
}

const HEADER = "0700000005000000";
const PORT = 5;

const rows: [name: string, range: VlanRange, entry: string][] = [
  ["one VLAN is tagged", tagged(200), "0c00018008000100 0000c800"],
  ["a range is tagged", tagged(200, 203), "1400018008000100 0000c800 06000200cb000000"],
  ["one VLAN is untagged", access(100), "0c00018008000100 06006400"],
  ["frames of a VLAN leave untagged", { ...tagged(300), isUntagged: true }, "0c00018008000100 04002c01"],
];

test.for(rows)("setPortVlansRequest() names flags and VLANs when %s", ([, range, entry]) => {
  const request = setPortVlansRequest(PORT, [range]);
  expect(request.message).toBe("RTM_NEWVLAN");
  expect(hexOf(request)).toBe(HEADER + entry.replaceAll(" ", ""));
});

test("deletePortVlansRequest() names every range when there are several", () => {
  const request = deletePortVlansRequest(PORT, [tagged(1), tagged(200, 203)]);
  const entries = "0c00018008000100000001001400018008000100 0000c800 06000200cb000000".replaceAll(" ", "");
  expect(request.message).toBe("RTM_DELVLAN");
  expect(hexOf(request)).toBe(HEADER + entries);
});
