/** Pods of all nodes reach each other by their own addresses, direct and through tunnels. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterBed, introduce, joinCluster, type Member, startPod } from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";

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

/** What a server on the pod says of who asks, by TCP or UDP. */
function askWho(from: Member, protocol: "TCP" | "UDP", server: { member: Member; address: string }): string {
  const family = server.address.includes(":") ? 6 : 4;
  const bracketed = family === 6 ? `[${server.address}]` : server.address;
  server.member.node.sh(`ip netns exec c1 socat ${protocol}${family}-LISTEN:7777,reuseaddr,fork \\
      SYSTEM:'echo $SOCAT_PEERADDR' & echo $! > /run/server
    until ip netns exec c1 ss -Hln${protocol === "TCP" ? "t" : "u"} sport = 7777 | grep -q 7777; do sleep 0.01; done`);
  try {
    return from.node
      .sh(`echo hello | ip netns exec c1 socat -t 2 - ${protocol}${family}:${bracketed}:7777`)
      .trim();
  } finally {
    server.member.node.sh("kill $(cat /run/server)");
  }
}

test.for(WAYS)(
  "a pod is reached by its address, which sees the sender's, on %s: %i to %i by %s",
  ([, a, b, , at6]) => {
    const [from, to] = [at(a), at(b)];
    const [own = "", address = ""] = [from.addresses[at6], to.addresses[at6]];
    expect(from.member.node.sh(`ip netns exec c1 ping -c 3 -i 0.05 ${address}`)).toContain(" 0% packet loss");
    const plain = (text: string) => text.replaceAll(/[[\]]/g, "").replaceAll(/(^|:)0+(?=[0-9a-f])/g, "$1");
    for (const protocol of ["TCP", "UDP"] as const) {
      const seen = plain(askWho(from.member, protocol, { member: to.member, address }));
      expect(new URL(`http://[${seen.includes(":") ? seen : `::ffff:${seen}`}]`).hostname).toBe(
        new URL(`http://[${own.includes(":") ? own : `::ffff:${own}`}]`).hostname,
      );
    }
  },
);

test.for(WAYS)("the node itself reaches a pod on %s: %i to %i by %s", ([, a, b, , at6]) => {
  const address = at(b).addresses[at6] ?? "";
  expect(at(a).member.node.sh(`ping -c 3 -i 0.05 ${address}`)).toContain(" 0% packet loss");
});

test("a pod goes on under its node's address when it leaves the cluster", () => {
  bed.router.sh(`ip netns add out
    ip link add toout type veth peer name eth0 netns out
    ip address add 192.168.9.254/24 dev toout; ip link set toout up
    ip -n out address add 192.168.9.1/24 dev eth0; ip -n out link set eth0 up
    ip -n out route add default via 192.168.9.254`);
  const { member } = at(0);
  bed.router.sh(`ip netns exec out socat TCP4-LISTEN:7777,reuseaddr,fork SYSTEM:'echo $SOCAT_PEERADDR' & echo $! > /run/server
    until ip netns exec out ss -Hlnt sport = 7777 | grep -q 7777; do sleep 0.01; done`);
  const seen = member.node.sh("ip netns exec c1 socat -t 2 - TCP4:192.168.9.1:7777 < /dev/null").trim();
  bed.router.sh("kill $(cat /run/server)");
  expect(seen).toBe("192.168.1.11");
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
