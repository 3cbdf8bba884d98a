/** DEL and GC of host ports: nothing is left, whatever else is gone already, and others keep theirs. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { elementsOf, ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, callWithResult } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import {
  GATEWAY4,
  MYNET,
  mapped,
  OTHERNET,
  ownerOf,
  POD_ENDS,
  WEB,
} from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, World } from "../../support/traffic/traffic-world.ts";

const ports = [
  WEB,
  { ...WEB, protocol: "udp" },
  { ...WEB, hostPort: 81, hostIP: NODE4 },
  { ...WEB, hostPort: 82, hostIP: NODE6 },
];
const conf = mapped(ports, { ...MYNET, ipMasq: true, masqAll: true });

/** As runtimes ask that leave out what they know of the ports. */
const bare = { ...MYNET, ipMasq: true };

const losses = [
  { name: "nothing is gone", script: "true" },
  { name: "the namespace is gone", script: "ip netns del c1" },
  { name: "the link is gone", script: "ip -n c1 link del eth0" },
  { name: "the bridge is gone", script: "ip link del cni0" },
  { name: "the record is gone", script: "rm -r /run/podwire/mynet" },
  { name: "record and namespace are gone", script: "rm -r /run/podwire/mynet; ip netns del c1" },
  { name: "the record is cut off", script: "truncate -s 40 /run/podwire/mynet/c1:eth0.json" },
  { name: "the record is empty", script: "truncate -s 0 /run/podwire/mynet/c1:eth0.json" },
  { name: "the rules are flushed", script: "nft flush table inet podwire" },
  { name: "the table is gone", script: "nft delete table inet podwire" },
];

test.for(losses)("DEL() leaves no host port when $name and no ports are given", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf });
  expect(ownersOf(node)).toEqual([ownerOf()]);
  node.sh(script);
  const done = call(node, "DEL", { conf: bare });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect({ remains: remains(node), owners: ownersOf(node) }).toEqual({ remains: [], owners: [] });
});

const given = [
  { name: "the same ports", conf },
  { name: "other ports", conf: mapped([{ ...WEB, hostPort: 9 }]) },
  { name: "broken ports", conf: mapped([{ hostPort: "x" }]) },
  { name: "fields that ADD refuses", conf: { ...conf, conditionsV4: ["x"], markMasqBit: 1, snat: "no" } },
  { name: "another bridge", conf: { ...conf, bridge: "cni7" } },
];

test.for(given)("DEL() leaves no host port when it gets $name", async (row) => {
  await using node = await Node.create();
  attach(node, { conf });
  const done = call(node, "DEL", { conf: row.conf });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect({ remains: remains(node), owners: ownersOf(node) }).toEqual({ remains: [], owners: [] });
});

test("DEL() leaves no host port when it gets the previous result and no namespace", async () => {
  await using node = await Node.create();
  const result = attach(node, { conf });
  expect(callWithResult(node, "DEL", result, { conf, netns: "" })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(ownersOf(node)).toEqual([]);
});

test("DEL() closes the port", async () => {
  await using world = await World.create();
  attach(world.node, { conf });
  await world.serve("c1");
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toMatch(/^c1 /);
  call(world.node, "DEL", { conf });
  expect(world.connect("outside", `tcp ${NODE4} 8080`, IN_VAIN)).toBe("no answer: ECONNREFUSED");
});

test("DEL() changes nothing when it runs a second time", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 9 }]), containerId: "c2" });
  call(node, "DEL", { conf });
  const before = rulesetOf(node);
  expect(call(node, "DEL", { conf })).toMatchObject({ exitCode: 0, stdout: "" });
  expect(rulesetOf(node)).toEqual(before);
});

test("DEL() removes the ports of a container whose name is as long as can be", async () => {
  await using node = await Node.create();
  const containerId = "x".repeat(200);
  attach(node, { conf, containerId });
  const before = elementsOf(node).length;
  const done = call(node, "DEL", { conf: bare, containerId });
  expect([before > 0, done.exitCode, elementsOf(node)]).toEqual([true, 0, []]);
});

const collected = [
  { name: "its namespace is there", script: "true" },
  { name: "its namespace is gone", script: "ip netns del c1" },
  { name: "its record is gone", script: "rm /run/podwire/mynet/c1*" },
  {
    name: "record, namespace and reservations are gone",
    script: `rm -r /run/podwire/mynet /var/lib/cni/networks; ${POD_ENDS}`,
  },
];

test.for(collected)("GC() closes the ports of an attachment when $name", async ({ script }) => {
  await using node = await Node.create();
  attach(node, { conf });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 9 }]), containerId: "c2" });
  attach(node, { conf: mapped([{ ...WEB, hostPort: 10 }], OTHERNET), containerId: "c3" });
  node.sh(script);
  const valid = [{ containerID: "c2", ifname: "eth0" }];
  const done = call(node, "GC", { conf: { ...bare, "cni.dev/valid-attachments": valid } });
  expect(done).toMatchObject({ exitCode: 0, stdout: "" });
  expect(ownersOf(node)).toEqual([ownerOf("c2"), ownerOf("c3", "othernet")]);
});

test("GC() closes no port when it gets no list", async () => {
  await using node = await Node.create();
  attach(node, { conf });
  call(node, "GC", { conf: bare });
  expect(ownersOf(node)).toEqual([ownerOf()]);
});

/** Attachments of which one goes and the other stays, each with a port of its own. */
const first = { containerId: "c1", ifname: "eth0", conf: mapped([WEB]) };
const pairs = [
  { name: "another pod", owner: ownerOf("c2"), containerId: "c2", ifname: "eth0", network: MYNET },
  {
    name: "the pod's other interface",
    owner: ownerOf("c1", "othernet", "eth1"),
    containerId: "c1",
    ifname: "eth1",
    network: OTHERNET,
  },
  {
    name: "a pod of another network",
    owner: ownerOf("c2", "othernet"),
    containerId: "c2",
    ifname: "eth0",
    network: OTHERNET,
  },
];

test.for(pairs)("DEL() leaves the port of $name open", async ({ owner, containerId, ifname, network }) => {
  await using world = await World.create();
  attach(world.node, first);
  attach(world.node, { containerId, ifname, conf: mapped([{ ...WEB, hostPort: 81 }], network) });
  await world.serve(containerId);
  call(world.node, "DEL", first);
  const gateway = network === MYNET ? GATEWAY4 : "10.2.0.1";
  expect(world.connect("node", `tcp ${gateway} 81`)).toBe(`${containerId} ${gateway}`);
  expect(ownersOf(world.node)).toEqual([owner]);
});
