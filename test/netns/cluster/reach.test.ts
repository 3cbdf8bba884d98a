/** Pods of all nodes reach each other by their own addresses, direct and through tunnels. */

import { afterAll, beforeAll, expect, test } from "vitest";
import {
  ClusterBed,
  configure,
  introduce,
  joinCluster,
  type Member,
  startPod,
} from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";
import { connect, Server } from "../../support/traffic/traffic.ts";

let bed: ClusterBed;
let agents: Agent[];
const pods = new Map<Member, readonly string[]>();

beforeAll(async () => {
  bed = await ClusterBed.create();
  for (const link of ["lan", "lan", "far"] as const) await bed.join(link);
  introduce(bed.members);
  agents = await Promise.all(bed.members.map((member) => joinCluster(member)));
  for (const member of bed.members) pods.set(member, startPod(member, "c1"));
});
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

const PAIRS = [
  ["a node on the same link", 0, 1],
  ["a node behind a router", 0, 2],
  ["a node on a link with others, from behind a router", 2, 1],
] as const;
const FAMILIES = [
  ["IPv4", 0],
  ["IPv6", 1],
] as const;
const WAYS = PAIRS.flatMap((pair) => FAMILIES.map((family) => [...pair, ...family] as const));

function at(index: number): { member: Member; addresses: readonly string[] } {
  const member = bed.members[index];
  if (member === undefined) throw new Error(`no node ${index}`);
  return { member, addresses: pods.get(member) ?? [] };
}

test.for(WAYS)("a pod sees the sender's own address on %s: %i to %i by %s", async ([, a, b, , which]) => {
  const [from, to] = [at(a), at(b)];
  const [own, address] = [from.addresses[which], to.addresses[which]];
  expect(from.member.node.sh(`ip netns exec c1 ping -c 3 -i 0.05 ${address}`)).toContain(" 0% packet loss");
  await using _server = await Server.start({ node: to.member.node, pod: "c1" }, "pod", ["tcp 80", "udp 53"]);
  const place = { node: from.member.node, pod: "c1" };
  expect(connect(place, `tcp ${address} 80`)).toBe(`pod ${own}`);
  expect(connect(place, `udp ${address} 53`)).toBe(`pod ${own}`);
});

test.for(WAYS)("the node itself reaches a pod on %s: %i to %i by %s", ([, a, b, , which]) => {
  const address = at(b).addresses[which];
  expect(at(a).member.node.sh(`ping -c 3 -i 0.05 ${address}`)).toContain(" 0% packet loss");
});

test("a pod goes on under its node's address when it leaves the cluster, but for destinations that are excepted", async () => {
  bed.router.sh(`ip link add out type dummy 2>/dev/null || ip link add out type bridge
    ip address add 192.168.9.1/32 dev out; ip address add 192.168.9.2/32 dev out; ip link set out up`);
  await using _server = await Server.start({ node: bed.router }, "out", ["tcp 80"]);
  const place = { node: at(0).member.node, pod: "c1" };
  expect(connect(place, "tcp 192.168.9.1 80")).toBe("out 192.168.1.11");
  const [own = ""] = at(0).addresses;
  bed.router.sh("ip route add 10.244.1.0/24 via 192.168.1.11");
  configure(at(0).member, { masquerade: { except: ["192.168.9.2/32"] } });
  const seen = () => connect(place, "tcp 192.168.9.2 80");
  for (let attempt = 0; attempt < 100 && seen() !== `out ${own}`; attempt++) await Bun.sleep(25);
  expect(seen()).toBe(`out ${own}`);
  expect(connect(place, "tcp 192.168.9.1 80")).toBe("out 192.168.1.11");
});

test("what is for a pod that there is not ends on its node, and goes round in no circle", () => {
  const { member } = at(0);
  const { stdout } = at(1).member.node.run(["ping", "-c", "1", "-W", "1", "10.244.1.200"]);
  expect(stdout).not.toContain("Time to live exceeded");
  expect(member.node.json("ip -j route show proto 112 type blackhole")).toMatchObject([
    { dst: "10.244.1.0/24" },
  ]);
});

test("routes name podwire's protocol, direct where the node is on the link and else by the tunnel", () => {
  const routes = at(0).member.node.json("ip -j route show proto 112 type unicast");
  expect(routes).toMatchObject([
    { dst: "10.244.2.0/24", gateway: "192.168.1.12", dev: "eth0" },
    { dst: "10.244.3.0/24", gateway: "10.244.3.0", dev: "podwire.vx", flags: ["onlink"] },
  ]);
});

test("CHECK, a second ADD and DEL of a pod are as without a cluster", () => {
  const { node } = at(0).member;
  const list = JSON.parse(node.sh("cat /etc/cni/net.d/10-podwire.conflist"));
  const conf = { cniVersion: "1.0.0", name: list.name, ...list.plugins[0] };
  const call = { conf, containerId: "c9", netns: node.addPod("c9"), ifname: "eth0" };
  const { json } = node.cni({ ...call, command: "ADD" });
  expect(node.cni({ ...call, command: "CHECK", conf: { ...conf, prevResult: json } }).stdout).toBe("");
  expect(node.cni({ ...call, command: "DEL" }).stdout).toBe("");
  expect(node.json("nft -j list set inet podwire cluster_ip").nftables[1].set.elem).toEqual([
    { range: ["10.244.1.0", "10.244.3.255"] },
  ]);
});
