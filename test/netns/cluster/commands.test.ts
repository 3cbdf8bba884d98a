/** What people see and say of a cluster: podwire node, podwire cluster, the agent's configuration, podwire uninstall. */

import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ClusterBed,
  configure,
  introduce,
  joinCluster,
  type Member,
  putNode,
  startAgent,
  startPod,
} from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";
import { PODWIRE } from "../../support/node/node.ts";

let bed: ClusterBed;
let near: Member;
let agent: Agent;

beforeEach(async () => {
  bed = await ClusterBed.create();
  near = await bed.join("lan");
  await bed.join("far");
  introduce(bed.members);
  agent = await joinCluster(near);
});
afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

function podwire(...args: readonly string[]) {
  return near.node.run([PODWIRE, ...args]);
}

async function untilRoutes(wanted: string): Promise<void> {
  const routes = () => near.node.sh("ip route show proto 112 type unicast | cut -d' ' -f1 | xargs");
  for (let attempt = 0; attempt < 600 && routes() !== `${wanted}\n`; attempt++) await Bun.sleep(25);
  expect(routes()).toBe(`${wanted}\n`);
}

test("podwire cluster shows each node, this one first and marked, and how its pods are reached", () => {
  const { exitCode, stdout } = podwire("cluster");
  expect(exitCode).toBe(0);
  const rows = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.split(/ {2,}/));
  expect(rows.map((cells) => cells.slice(0, -1))).toEqual([
    ["NODE", "ADDRESS", "RANGES", "TRANSPORT", "MTU", "STATE"],
    ["node1 *", "192.168.1.11,fd99:1::11", "10.244.1.0/24,fd00:10:244:1::/64", "-", "1430", "ready"],
    ["node2", "192.168.2.12,fd99:2::12", "10.244.2.0/24,fd00:10:244:2::/64", "vxlan", "1430", "ready"],
  ]);
  expect(JSON.parse(podwire("cluster", "--json").stdout)).toMatchObject({
    node: "node1",
    isAgentRunning: true,
    isComplete: true,
    problems: [],
    nodes: [{ name: "node1" }, { name: "node2", transport: ["vxlan"], state: "ready" }],
  });
});

test("podwire cluster says that the agent does not run, and that a node is in no cluster", async () => {
  await agent.stop("SIGTERM");
  const { exitCode, stdout } = podwire("cluster");
  expect([exitCode, stdout]).toEqual([
    1,
    expect.stringContaining("podwire agent does not run: this is as of"),
  ]);
  near.node.sh("rm -r /run/podwire/.cluster");
  const without = podwire("cluster");
  expect([without.exitCode, without.stderr]).toEqual([
    1,
    expect.stringContaining("this node is in no cluster"),
  ]);
});

test("podwire cluster names what is wrong with a node", async () => {
  putNode(near, { name: "node3", document: { addresses: ["192.168.1.11"], ranges: ["10.244.3.0/24"] } });
  await agent.said(({ msg }) => msg === "cluster problem");
  const { exitCode, stdout } = podwire("cluster");
  expect([exitCode, stdout]).toEqual([
    1,
    expect.stringContaining("node3 has this node's address 192.168.1.11"),
  ]);
});

test("a node that a command makes is reached, listed, shown and forgotten", async () => {
  const make = ["node", "create", "node3", "-a", "192.168.1.13", "-r", "10.244.3.0/24,fd00:3::/64"];
  expect(podwire(...make)).toMatchObject({ exitCode: 0, stdout: 'node "node3" created\n' });
  await untilRoutes("10.244.2.0/24 10.244.3.0/24");
  expect(JSON.parse(podwire("node", "get", "node3", "--json").stdout)).toEqual({
    name: "node3",
    addresses: ["192.168.1.13"],
    ranges: ["10.244.3.0/24", "fd00:3::/64"],
  });
  expect(podwire("node", "list").stdout.match(/^node\d/gm)).toEqual(["node1", "node2", "node3"]);
  expect(podwire(...make)).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("already") });
  expect(podwire("node", "delete", "node3", "--yes").exitCode).toBe(0);
  await untilRoutes("10.244.2.0/24");
});

test.for([
  [["create", "n9"], 2, "-a, --address"],
  [["create", "N_9", "-a", "10.0.0.1"], 2, 'node "N_9": want at most 253 small letters'],
  [["create", "n9", "-a", "10.0.0"], 2, "addresses[0]: want an address that every node reaches"],
  [["create", "n9", "-a", "10.0.0.1", "-r", "10.1.0.0"], 2, "ranges[0]: want a network of four addresses"],
  [["create", "n9", "-a", "10.0.0.1", "--mtu", "x"], 2, "mtu: want a whole number"],
  [
    ["create", "n9", "-a", "10.0.0.1", "-r", "10.244.0.0/16"],
    1,
    'range 10.244.0.0/16 overlaps 10.244.1.0/24 of node "node1"',
  ],
  [["get", "n9"], 1, 'there is no node "n9"'],
  [["delete", "n9", "--yes"], 1, 'there is no node "n9"'],
  [["delete", "node2"], 2, "give --yes"],
] as const)("podwire node %j is refused with %i and the reason", ([args, status, reason]) => {
  const { exitCode, stderr } = podwire("node", ...args);
  expect([exitCode, stderr]).toEqual([status, expect.stringContaining(reason)]);
  expect(podwire("node", "list").stdout.match(/^n\w*\d/gm)).toEqual(["node1", "node2"]);
});

test("a configuration that is no good is named, the last good one goes on, and a good one is followed", async () => {
  near.node.sh(`echo '{"cluster": {"nodes": "files", "transprt": "vxlan"}}' > /run/etc/agent.json`);
  const problem = 'cluster.transprt: is unknown; did you mean "transport"?';
  await agent.said((line) => String(line.problem).includes(problem));
  expect(await agent.get("/healthz")).toMatchObject({ status: 503, text: expect.stringContaining(problem) });
  await untilRoutes("10.244.2.0/24");
  const from = agent.log.length;
  configure(near, { transport: "vxlan", vxlan: { vni: 77, port: 4789 }, mtu: 1400 });
  await agent.said(({ msg, mtu }) => msg === "ready for pods" && mtu === 1400, from);
  expect((await agent.get("/healthz")).status).toBe(200);
  const [{ linkinfo }] = near.node.json("ip -d -j link show podwire.vx");
  expect(linkinfo.info_data).toMatchObject({ id: 77, port: 4789 });
  expect(JSON.parse(near.node.sh("cat /etc/cni/net.d/10-podwire.conflist")).plugins[0].mtu).toBe(1400);
});

test("a foreign interface of the tunnel's name stays, and is named with what to do", async () => {
  await agent.stop("SIGTERM");
  near.node.sh("ip link delete podwire.vx; ip link add podwire.vx type bridge");
  agent = await startAgent(near);
  await agent.said(({ problem }) =>
    /interface "podwire.vx" exists, and podwire did not make it/.test(String(problem)),
  );
  near.node.sh("ip link delete podwire.vx");
  await agent.said(({ msg }) => msg === "ready for pods");
});

test("another network's tunnel of the same VNI and port is named with what to do, and awaited", async () => {
  await agent.stop("SIGTERM");
  near.node.sh(`ip link delete podwire.vx
    ip link add flannel.1 type vxlan id 1 dstport 8472 local 192.168.1.11 dev eth0 nolearning; ip link set flannel.1 up`);
  agent = await startAgent(near);
  await agent.said(({ problem }) => /another interface has VNI 1 on UDP port 8472/.test(String(problem)));
  near.node.sh("ip link delete flannel.1");
  await agent.said(({ msg }) => msg === "ready for pods");
});

test("the metrics count peers, changes and rounds", async () => {
  const metrics = await agent.metrics();
  expect(metrics).toMatchObject({
    'podwire_cluster_peers{state="ready"}': 1,
    'podwire_cluster_peers{state="problem"}': 0,
    podwire_cluster_problems: 0,
    podwire_cluster_failures_total: 0,
  });
  expect(metrics.podwire_cluster_changes_total).toBeGreaterThan(5);
  expect(metrics.podwire_cluster_round_duration_seconds_count).toBeGreaterThan(0);
});

test("podwire uninstall takes routes, tunnels and sets away, and leaves others'", async () => {
  near.node.sh("ip route add 10.99.0.0/16 via 192.168.1.254");
  await agent.stop("SIGTERM");
  expect(podwire("uninstall").stdout).toContain("routes and tunnels to other nodes of the cluster");
  expect(
    near.node.sh("ip route show proto 112; ip -6 route show proto 112; ip -o link show type vxlan"),
  ).toBe("");
  expect(near.node.json("nft -j list set inet podwire cluster_ip").nftables[1].set.elem).toBeUndefined();
  expect(near.node.sh("ip route show 10.99.0.0/16")).not.toBe("");
  expect(podwire("cluster").exitCode).toBe(1);
});

test("podwire doctor has a group for the cluster, and finds what is in its way", async () => {
  const doctor = () => podwire("doctor", "cluster").stdout;
  expect(doctor()).toContain("pods of 1 other node are reached");
  near.node.sh("ip route add 10.244.2.0/24 via 192.168.1.254; ip link add flannel.1 type bridge");
  expect(doctor()).toContain("a route of another program leads 10.244.2.0/24 of node node2 by eth0");
  expect(doctor()).toContain("interfaces of another network of a cluster are here: flannel.1");
  await agent.stop("SIGTERM");
  expect(doctor()).toContain("podwire agent does not run");
});

test("podwire trace names the other node, and says that the pod's address stays", () => {
  startPod(near, "c1");
  const { stdout } = podwire("trace", "c1", "10.244.2.2");
  expect(stdout).toContain("leaves by podwire.vx to node node2, which has 10.244.2.0/24 (vxlan)");
  expect(stdout).toContain("10.244.1.2 stays: both are within the cluster");
});
