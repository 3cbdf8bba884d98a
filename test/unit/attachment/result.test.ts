/** One result of several attachments: what the runtime reads of a pod with eth0, eth1, eth2. */

import { expect, test } from "vitest";
import { mergeResults } from "../../../src/attachment/result.ts";
import type { Result } from "../../../src/cni/result.ts";
import { address, prefix } from "../../support/fixtures/values.ts";

const POD = "/run/netns/pod";

/** As a bridge gives it: three interfaces, the third is the pod's. */
const BRIDGE: Result = {
  interfaces: [{ name: "pw-eth1" }, { name: "veth1" }, { name: "eth0", sandbox: POD }],
  ips: [{ interface: 2, address: prefix("10.1.0.5/24"), gateway: address("10.1.0.1") }],
  routes: [{ dst: prefix("0.0.0.0/0"), gw: address("10.1.0.1") }],
  dns: { nameservers: ["10.1.0.1"] },
};

/** As macvlan gives it: the pod's interface alone, two addresses. */
const MACVLAN: Result = {
  interfaces: [{ name: "eth1", sandbox: POD }],
  ips: [
    { interface: 0, address: prefix("10.2.0.5/24") },
    { interface: 0, address: prefix("fd00:2::5/64") },
  ],
  routes: [{ dst: prefix("0.0.0.0/0"), gw: address("10.2.0.1"), priority: 101 }],
  dns: { nameservers: ["10.2.0.1"] },
};

const eth2 = (result: Result): Result => ({ ...result, interfaces: [{ name: "eth2", sandbox: POD }] });

test("mergeResults() gives the result as it is when there is one", () => {
  expect(mergeResults([BRIDGE])).toEqual(BRIDGE);
});

test("mergeResults() lists the interfaces of all in order when there are several", () => {
  const { interfaces } = mergeResults([BRIDGE, MACVLAN, eth2(MACVLAN)]);
  expect(interfaces.map(({ name }) => name)).toEqual(["pw-eth1", "veth1", "eth0", "eth1", "eth2"]);
});

test.for<[name: string, results: readonly Result[], want: string[]]>([
  ["a bridge comes first", [BRIDGE, MACVLAN, eth2(MACVLAN)], ["eth0", "eth1", "eth1", "eth2", "eth2"]],
  ["a bridge comes last", [MACVLAN, BRIDGE], ["eth1", "eth1", "eth0"]],
])("mergeResults() keeps each address with its interface when %s", ([, results, want]) => {
  const { interfaces, ips } = mergeResults(results);
  expect(ips.map((ip) => interfaces[ip.interface ?? -1]?.name)).toEqual(want);
});

test("mergeResults() keeps the routes of all and the resolver of the first when there are several", () => {
  const merged = mergeResults([BRIDGE, MACVLAN]);
  expect(merged.routes).toEqual([...BRIDGE.routes, ...MACVLAN.routes]);
  expect(merged.dns).toEqual(BRIDGE.dns);
});
