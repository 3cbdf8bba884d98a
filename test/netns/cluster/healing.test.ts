/** Whatever somebody does to the node's interfaces, addresses, routes and rules, pods of other nodes are reached again. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { ClusterBed, introduce, joinCluster, type Member, startPod } from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";

let bed: ClusterBed;
let agents: Agent[];
let near: Member;

beforeAll(async () => {
  bed = await ClusterBed.create();
  near = await bed.join("lan");
  await bed.join("lan");
  await bed.join("far");
  introduce(bed.members);
  agents = await Promise.all(bed.members.map((member) => joinCluster(member)));
  for (const member of bed.members) startPod(member, "c1");
});
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

/** Everything of the cluster in the kernel, without what the kernel counts and numbers. */
function stateOf({ node }: Member): string {
  return node.sh(`for device in podwire.vx podwire.vx6; do
      ip -o link show $device | sed 's/^[0-9]*: //'
      ip -o -d link show $device | grep -o 'vxlan id .* nolearning'
      ip -o address show $device | sed -n 's/.*\\(inet.*scope [a-z]*\\).*/\\1/p'
      ip neighbour show dev $device nud permanent | sort
      bridge fdb show dev $device | sort
    done
    ip route show proto 112 | sort
    ip -6 route show proto 112 | sort
    for set in cluster_ip cluster_kept_ip cluster_ip6 cluster_kept_ip6; do nft list set inet podwire $set; done
    sysctl net.ipv4.ip_forward net.ipv6.conf.all.forwarding`);
}

/** @throws the state is not as wanted after a generous while */
async function becomes(member: Member, wanted: string): Promise<void> {
  for (let attempt = 0; attempt < 600; attempt++) {
    if (member.node.run(["true"]).exitCode === 0 && safeState(member) === wanted) return;
    await Bun.sleep(25);
  }
  expect(stateOf(member)).toBe(wanted);
}

function safeState(member: Member): string {
  try {
    return stateOf(member);
  } catch {
    return ""; // a device is missing
  }
}

const UPLINK_AGAIN = `ip route replace default via 192.168.1.254
  ip -6 route replace default via fd99:1::fe`;

test.for([
  ["the tunnel is deleted", "ip link delete podwire.vx"],
  ["both tunnels are deleted", "ip link delete podwire.vx; ip link delete podwire.vx6"],
  ["the tunnel is set down", "ip link set podwire.vx down"],
  ["the tunnel is set down and up", "ip link set podwire.vx down; ip link set podwire.vx up"],
  ["the tunnel's address is removed", "ip address flush dev podwire.vx"],
  [
    "the tunnel gets another MAC address and MTU",
    "ip link set podwire.vx address 02:00:00:00:00:99 mtu 1300",
  ],
  [
    "another VNI takes the tunnel's name",
    // By renaming, which is done at once: the agent makes its own as soon as the name is free.
    `ip link add other type vxlan id 9 dstport 9999 dev eth0; ip link set other alias 'podwire cluster'
      printf 'link set podwire.vx down\\nlink set podwire.vx name former\\nlink set other name podwire.vx\\n' | ip -batch -
      ip link delete former`,
  ],
  ["the routes are flushed", "ip route flush proto 112; ip -6 route flush proto 112"],
  ["a route is deleted", "ip route delete 10.244.3.0/24 proto 112"],
  ["a route is led elsewhere", "ip route replace 10.244.2.0/24 via 192.168.1.254 proto 112 metric 112"],
  ["neighbours are flushed", "ip neighbour flush dev podwire.vx nud permanent"],
  [
    "the forwarding entries are deleted",
    "for mac in $(bridge fdb show dev podwire.vx | cut -d' ' -f1); do bridge fdb delete $mac dev podwire.vx self; done",
  ],
  ["the rulesets are flushed", "nft flush ruleset"],
  ["the cluster's sets are emptied", "nft flush set inet podwire cluster_ip"],
  ["forwarding is turned off", "sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0"],
  [
    "the uplink is set down and up",
    `ip link set eth0 down; ip link set eth0 up; ip address add fd99:1::11/64 dev eth0 nodad; ${UPLINK_AGAIN}`,
  ],
  [
    "the uplink's addresses are removed and added, as by a restart of networking",
    `ip address flush dev eth0; sleep 0.3; ip address add 192.168.1.11/24 dev eth0; ip address add fd99:1::11/64 dev eth0 nodad; ${UPLINK_AGAIN}`,
  ],
  [
    "foreign routes are added and removed",
    "ip route add 192.168.77.0/24 dev eth0; ip route delete 192.168.77.0/24 dev eth0",
  ],
] as const)("all is as before and pods are reached when %s", async ([, harm]) => {
  const before = stateOf(near);
  near.node.sh(harm);
  await becomes(near, before);
  for (const address of ["10.244.2.2", "10.244.3.2", "fd00:10:244:2::2", "fd00:10:244:3::2"])
    expect(near.node.sh(`ip netns exec c1 ping -c 2 -i 0.05 -W 5 ${address}`)).toContain(" 0% packet loss");
});

test("the harm of this file is seen: the state is other after each of them", async () => {
  await agents[0]?.stop("SIGTERM");
  const before = stateOf(near);
  near.node.sh("ip route flush proto 112");
  expect(stateOf(near)).not.toBe(before);
  agents[0] = await joinCluster(near);
  await becomes(near, before);
});
