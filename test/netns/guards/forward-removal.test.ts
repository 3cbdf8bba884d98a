/** forward: the rules in other programs' chains go with the bridge's last pod, however it goes. */

import { expect, test } from "vitest";
import {
  acceptingRulesOf,
  DOCKERS_RULES,
  dropForwarded,
  filterRulesOf,
  ONCE,
} from "../../support/kernel/forward-chains.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { MYNET, OTHERNET } from "../../support/traffic/traffic-networks.ts";

const conf = { ...MYNET, forward: true };
const untouched = { ip: DOCKERS_RULES, ip6: DOCKERS_RULES };
const done = { exitCode: 0, stdout: "", stderr: "" };

/** A node whose forwarding is closed, with these pods on `cni0`. */
async function nodeWith(...containerIds: readonly string[]): Promise<Node> {
  const node = await Node.create();
  dropForwarded(node);
  for (const containerId of containerIds) attach(node, { conf, containerId });
  return node;
}

test("DEL() leaves the rules while the bridge has pods, and takes them away with the last", async () => {
  await using node = await nodeWith("c1", "c2");
  call(node, "DEL", { conf: MYNET });
  const between = acceptingRulesOf(node);
  call(node, "DEL", { conf: MYNET, containerId: "c2" });
  expect([between, filterRulesOf(node)]).toEqual([ONCE(), untouched]);
});

const removals = [
  { name: "forward is off by now", before: "true", conf: MYNET },
  { name: "the namespace is gone", before: "ip netns del c1", conf: MYNET },
  { name: "the bridge is gone", before: "ip link del cni0", conf: MYNET },
  {
    name: "the bridge has an uplink",
    before: "ip link add up master cni0 type veth peer name far",
    conf: MYNET,
  },
  { name: "the record is gone", before: "rm -r /run/podwire", conf },
  {
    name: "the policies are accept by now",
    before: "iptables-nft -P FORWARD ACCEPT; ip6tables-nft -P FORWARD ACCEPT",
    conf: MYNET,
  },
  {
    name: "iptables-nft-restore has written them anew",
    before: "iptables-nft-save | iptables-nft-restore; ip6tables-nft-save | ip6tables-nft-restore",
    conf: MYNET,
  },
];

test.for(removals)("DEL() of the last pod takes the rules away when $name", async ({ before, conf }) => {
  await using node = await nodeWith("c1");
  node.sh(before);
  expect(call(node, "DEL", { conf })).toMatchObject(done);
  expect(acceptingRulesOf(node)).toEqual([]);
});

test("DEL() of the last pod takes the rules away when only earlier pods asked for them", async () => {
  await using node = await nodeWith("c1");
  attach(node, { conf: MYNET, containerId: "c2" });
  call(node, "DEL", { conf });
  call(node, "DEL", { conf: MYNET, containerId: "c2" });
  expect(filterRulesOf(node)).toEqual(untouched);
});

test("DEL() leaves the other bridge's rules when the last pod of one goes", async () => {
  await using node = await nodeWith("c1");
  attach(node, { conf: { ...OTHERNET, forward: true }, containerId: "c2" });
  call(node, "DEL", { conf: MYNET });
  expect([acceptingRulesOf(node), acceptingRulesOf(node, "cni1")]).toEqual([[], ONCE("cni1")]);
});

test("DEL() leaves a rule about the bridge when somebody else put it there", async () => {
  await using node = await nodeWith("c1");
  node.sh("iptables-nft -A FORWARD -i cni0 -m comment --comment mine -j ACCEPT");
  call(node, "DEL", { conf: MYNET });
  expect(acceptingRulesOf(node)).toEqual(["-i cni0"]);
});

test("GC() takes the rules away when no pod of the bridge is valid", async () => {
  await using node = await nodeWith("c1", "c2");
  call(node, "GC", { conf: { ...MYNET, "cni.dev/valid-attachments": [] } });
  expect(filterRulesOf(node)).toEqual(untouched);
});

test("GC() leaves the rules when a pod of the bridge is valid", async () => {
  await using node = await nodeWith("c1", "c2");
  const valid = [{ containerID: "c2", ifname: "eth0" }];
  call(node, "GC", { conf: { ...MYNET, "cni.dev/valid-attachments": valid } });
  expect(acceptingRulesOf(node)).toEqual(ONCE());
});
