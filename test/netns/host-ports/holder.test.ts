/** Host ports that another attachment has: refused while it lives, taken over when its namespace is gone. */

import { expect, test } from "vitest";
import { snapshot } from "../../support/kernel/kernel.ts";
import { ownersOf, rulesetOf } from "../../support/kernel/traffic-rules.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
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

const conf = mapped([WEB]);
const at = (hostIP: string, protocol = "tcp") => mapped([{ ...WEB, hostIP, protocol }]);

const clashes = [
  { name: "the same port", first: conf, second: conf },
  { name: "the same port among others", first: conf, second: mapped([{ ...WEB, hostPort: 81 }, WEB]) },
  { name: "the same port over UDP", first: at("", "udp"), second: at("", "UDP") },
  { name: "the same port over SCTP", first: at("", "sctp"), second: at("", "sctp") },
  { name: "the same port of one address", first: at(NODE4), second: at(NODE4) },
  { name: "the same port of one IPv6 address", first: at(NODE6), second: at("fd50:0:0::1") },
  { name: "any IPv4 address of what has all", first: conf, second: at("0.0.0.0") },
  { name: "all addresses where any IPv6 is taken", first: at("::"), second: conf },
  { name: "the same port on another network", first: conf, second: mapped([WEB], OTHERNET) },
];

test.for(clashes)(
  "ADD() fails with code 100, names the holder and leaves nothing when it wants $name",
  async (row) => {
    await using world = await World.create();
    const { node } = world;
    ensurePod(node, "c2");
    attach(node, { conf: row.first });
    const before = { ...snapshot(node, ["cni0", "cni1"]), ruleset: rulesetOf(node) };
    const { exitCode, json } = call(node, "ADD", { conf: row.second, containerId: "c2" });
    const after = { ...snapshot(node, ["cni0", "cni1"]), ruleset: rulesetOf(node) };
    expect([exitCode, json.code]).toEqual([1, 100]);
    expect(json.msg).toContain(ownerOf());
    expect(after).toEqual(before);
  },
);

test("ADD() leaves the holder's port open when it refuses it to another", async () => {
  await using world = await World.create();
  ensurePod(world.node, "c2");
  attach(world.node, { conf });
  call(world.node, "ADD", { conf, containerId: "c2" });
  await world.serve("c1");
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c1 192.168.50.2");
});

test("ADD() leaves a port to the interface of the container that has it, and says so", async () => {
  await using world = await World.create();
  attach(world.node, { conf });
  const { exitCode, stderr } = call(world.node, "ADD", { conf: mapped([WEB], OTHERNET), ifname: "eth1" });
  expect([exitCode, stderr]).toEqual([0, expect.stringContaining(ownerOf())]);
});

test("ADD() gets the port when its holder was removed", async () => {
  await using world = await World.create();
  attach(world.node, { conf });
  call(world.node, "DEL", { conf });
  attach(world.node, { conf, containerId: "c2" });
  await world.serve("c2");
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c2 192.168.50.2");
});

const apart = [
  {
    name: "another protocol",
    first: conf,
    second: at("", "udp"),
    got: "udp 192.168.50.1",
    left: "tcp 192.168.50.1",
  },
  {
    name: "one address of a port that is taken at any",
    first: conf,
    second: at(NODE4),
    got: "tcp 192.168.50.1",
    left: "tcp 10.1.0.1",
  },
  {
    name: "any address of a port that is taken at one",
    first: at(NODE4),
    second: conf,
    got: "tcp 10.1.0.1",
    left: "tcp 192.168.50.1",
  },
  {
    name: "another address of the port",
    first: at(GATEWAY4),
    second: at(NODE4),
    got: "tcp 192.168.50.1",
    left: "tcp 10.1.0.1",
  },
  {
    name: "the other family of the port",
    first: at("::"),
    second: at("0.0.0.0"),
    got: "tcp 192.168.50.1",
    left: "tcp fd50::1",
  },
];

test.for(apart)("ADD() gets the port beside its holder when it wants $name", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf: row.first });
  attach(world.node, { conf: row.second, containerId: "c2" });
  for (const pod of ["c1", "c2"]) await world.serve(pod, "tcp 80", "udp 80");
  const seen = [row.got, row.left].map((target) => world.connect("node", `${target} 8080`).split(" ")[0]);
  expect(seen).toEqual(["c2", "c1"]);
});

const goners = [
  { name: "its namespace is gone", script: "ip netns del c1" },
  { name: "namespace and link are gone", script: POD_ENDS },
  { name: "its namespace and record are gone", script: `${POD_ENDS}; rm /run/podwire/mynet/c1*` },
];

test.for(goners)("ADD() takes the port over from its holder when $name", async ({ script }) => {
  await using world = await World.create();
  attach(world.node, { conf });
  world.node.sh(script);
  attach(world.node, { conf, containerId: "c2" });
  await world.serve("c2");
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c2 192.168.50.2");
});

test("DEL() of the earlier holder leaves the port to the one that took it over", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB, { ...WEB, hostPort: 81 }], { ...MYNET, ipMasq: true }) });
  world.node.sh("ip netns del c1");
  attach(world.node, { conf, containerId: "c2" });
  const done = call(world.node, "DEL", { conf });
  await world.serve("c2");
  expect([done.exitCode, ownersOf(world.node)]).toEqual([0, [ownerOf("c2")]]);
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c2 192.168.50.2");
});

test.for([
  { name: "no comment", element: "{ tcp . 8080 : 10.1.0.99 . 80 }" },
  { name: "a comment of its own", element: '{ tcp . 8080 comment "web" : 10.1.0.99 . 80 }' },
])(
  "ADD() fails with code 100 and the way out when somebody's own element with $name has the port",
  async ({ element }) => {
    await using world = await World.create();
    const { node } = world;
    attach(node, { conf: mapped([{ ...WEB, hostPort: 81 }]), containerId: "c2" });
    node.sh(`nft 'add element inet podwire hostports_ip ${element}'`);
    ensurePod(node);
    const before = rulesetOf(node);
    const { exitCode, json } = call(node, "ADD", { conf });
    expect([exitCode, json.code]).toEqual([1, 100]);
    expect(json.msg).toContain("host port tcp . 8080 is held by an element that podwire did not make");
    expect(rulesetOf(node)).toEqual(before);
    const remedy = "nft delete element inet podwire hostports_ip '{ tcp . 8080 }'";
    expect(json.details).toContain(remedy);
    node.sh(remedy);
    attach(node, { conf });
  },
);
