/** Nodes that come, change and go while the agent runs, and while it does not. */

import { afterEach, beforeEach, expect, test } from "vitest";
import {
  ClusterBed,
  introduce,
  joinCluster,
  type Member,
  putNode,
  removeNode,
  startPod,
} from "../../support/cluster/lan.ts";
import type { Agent } from "../../support/node/agent.ts";

let bed: ClusterBed;
let near: Member;
let far: Member;
let agent: Agent;

beforeEach(async () => {
  bed = await ClusterBed.create();
  near = await bed.join("lan");
  far = await bed.join("far");
  introduce(bed.members);
  agent = await joinCluster(near);
});
afterEach(async () => {
  await agent[Symbol.asyncDispose]();
  await bed[Symbol.asyncDispose]();
});

const THIRD = {
  name: "node3",
  document: { addresses: ["192.168.1.13"], ranges: ["10.244.3.0/24"] },
};

/** Networks that routes of the cluster lead to, by IPv4 and how. */
function ways({ node }: Member): string[] {
  const routes = node.json("ip -j route show proto 112 type unicast");
  return routes.map(({ dst, dev, gateway }: Record<string, string>) => `${dst} ${gateway} ${dev}`);
}

/** Waits till the lines of a shell command are these. */
async function prints({ node }: Member, command: string, lines: readonly string[]): Promise<void> {
  const wanted = lines.map((line) => `${line}\n`).join("");
  for (let attempt = 0; attempt < 600 && node.sh(command) !== wanted; attempt++) await Bun.sleep(25);
  expect(node.sh(command)).toBe(wanted);
}

const ROUTES = "ip route show proto 112 type unicast | cut -d' ' -f1,3,5 | sort";
const NEIGHBOURS = "ip neighbour show dev podwire.vx nud permanent | cut -d' ' -f1 | sort";
const NODE2 = "10.244.2.0/24 10.244.2.0 podwire.vx";

function status({ node }: Member) {
  return JSON.parse(node.sh("cat /run/podwire/.cluster/status.json"));
}

function stateOf(member: Member, name: string) {
  return status(member).nodes.find((node: { name: string }) => node.name === name);
}

async function problemOf(member: Member, name: string, wanted: RegExp): Promise<void> {
  const has = () => stateOf(member, name)?.problems.some((problem: string) => wanted.test(problem)) === true;
  for (let attempt = 0; attempt < 600 && !has(); attempt++) await Bun.sleep(25);
  expect(stateOf(member, name)).toMatchObject({
    state: "problem",
    problems: [expect.stringMatching(wanted)],
  });
}

test("a node that comes is reached, and one that goes is not, with nothing left of it", async () => {
  putNode(near, THIRD);
  await prints(near, ROUTES, [NODE2, "10.244.3.0/24 192.168.1.13 eth0"]);
  removeNode(near, "node2");
  await prints(near, ROUTES, ["10.244.3.0/24 192.168.1.13 eth0"]);
  expect(near.node.sh("ip -d -j link show type vxlan").trim()).toBe("[]");
});

test("a node's other range and other address are followed", async () => {
  putNode(near, { name: "node2", document: { addresses: ["192.168.2.99"], ranges: ["10.244.9.0/24"] } });
  await prints(near, ROUTES, ["10.244.9.0/24 10.244.9.0 podwire.vx"]);
  await prints(near, NEIGHBOURS, ["10.244.9.0"]);
  expect(near.node.sh("bridge fdb show dev podwire.vx")).toMatch(
    /^\S+ dst 192\.168\.2\.99 self permanent\n$/,
  );
});

test("a node moves to this link: its route is direct then, and the tunnel goes", async () => {
  putNode(near, { name: "node2", document: { addresses: ["192.168.1.12"], ranges: ["10.244.2.0/24"] } });
  await prints(near, ROUTES, ["10.244.2.0/24 192.168.1.12 eth0"]);
  await prints(near, "ip -o link show type vxlan | wc -l", ["0"]);
});

test("this node's other range is in the list of its pods", async () => {
  const { document } = near;
  const from = agent.log.length;
  putNode(near, { name: near.name, document: { ...document, ranges: ["10.244.77.0/24"] } });
  await agent.said(({ msg }) => msg === "ready for pods", from);
  expect(startPod(near, "c1")).toEqual([expect.stringMatching(/^10\.244\.77\.\d+$/)]);
  await prints(near, "ip route show proto 112 type blackhole | cut -d' ' -f2", ["10.244.77.0/24"]);
});

test("what went while the agent was down is removed at its start", async () => {
  putNode(near, THIRD);
  await prints(near, ROUTES, [NODE2, "10.244.3.0/24 192.168.1.13 eth0"]);
  await agent.stop("SIGKILL");
  removeNode(near, "node3");
  expect(ways(near)).toHaveLength(2);
  agent = await joinCluster(near);
  await prints(near, ROUTES, [NODE2]);
});

test("a file that is no good is named, changes nothing, and is followed once it is mended", async () => {
  near.node.sh("echo '{' > /etc/cni/net.d/podwire.d/nodes/node2.json");
  await agent.said(({ problem }) => /node2\.json: is no JSON/.test(String(problem)));
  expect(ways(near)).toEqual([NODE2]);
  const { status: code, text } = await agent.get("/healthz");
  expect([code, text]).toEqual([503, expect.stringContaining("node2.json: is no JSON")]);
  putNode(near, far);
  await agent.said(({ msg }) => msg === "cluster problem is over");
  expect((await agent.get("/healthz")).status).toBe(200);
});

test("while a new file is no good nothing is removed", async () => {
  near.node.sh(`echo '{"addresses": ["192.168.1.300"]}' > /etc/cni/net.d/podwire.d/nodes/node9.json`);
  await agent.said(({ problem }) => /node9\.json: addresses\[0\]: want an address/.test(String(problem)));
  removeNode(near, "node2");
  putNode(near, THIRD);
  await prints(near, ROUTES, [NODE2, "10.244.3.0/24 192.168.1.13 eth0"]);
  removeNode(near, "node9");
  await prints(near, ROUTES, ["10.244.3.0/24 192.168.1.13 eth0"]);
});

test("of two nodes that say they have one range the first by name has it, and the other is named", async () => {
  putNode(near, { name: "node3", document: { addresses: ["192.168.1.13"], ranges: ["10.244.0.0/20"] } });
  await problemOf(near, "node3", /^range 10\.244\.0\.0\/20 overlaps 10\.244\.1\.0\/24 of node node1$/);
  expect(ways(near)).toEqual([NODE2]);
});

test("a range that would cut this node off is refused", async () => {
  putNode(near, { name: "node3", document: { addresses: ["192.168.1.13"], ranges: ["192.168.0.0/16"] } });
  await problemOf(
    near,
    "node3",
    /^range 192\.168\.0\.0\/16 overlaps 192\.168\.1\.0\/24, which this node has on eth0$/,
  );
  expect(ways(near)).toEqual([NODE2]);
});

test("a node with this node's address is named", async () => {
  putNode(near, { name: "node3", document: { addresses: ["192.168.1.11"], ranges: ["10.244.3.0/24"] } });
  await problemOf(near, "node3", /^has this node's address 192\.168\.1\.11$/);
});

test("other programs' routes stay, also to a range of the cluster", async () => {
  near.node.sh("ip route add 10.244.3.0/24 via 192.168.1.254 proto static");
  putNode(near, THIRD);
  await prints(near, ROUTES, [NODE2, "10.244.3.0/24 192.168.1.13 eth0"]);
  removeNode(near, "node3");
  await prints(near, ROUTES, [NODE2]);
  expect(near.node.sh("ip route show proto static")).toContain("10.244.3.0/24 via 192.168.1.254");
});

test("no packet is lost while an agent is killed and started anew, direct and by the tunnel", async () => {
  const second = await bed.join("lan");
  introduce(bed.members);
  await using _far = await joinCluster(far);
  await using _second = await joinCluster(second);
  for (const member of bed.members) startPod(member, "c1");
  await prints(near, ROUTES, [NODE2, "10.244.3.0/24 192.168.1.13 eth0"]);
  for (const [name, address] of [
    ["direct", "10.244.3.2"],
    ["tunnel", "10.244.2.2"],
  ])
    near.node.sh(`ip netns exec c1 ping -q -i 0.002 ${address} > /run/${name} 2>&1 & echo $! >> /run/pings`);
  for (const signal of ["SIGKILL", "SIGTERM", "SIGKILL"] as const) {
    await agent.stop(signal);
    agent = await joinCluster(near);
  }
  near.node.sh(
    "kill -INT $(cat /run/pings); while kill -0 $(head -1 /run/pings) 2>/dev/null; do sleep 0.01; done",
  );
  await prints(near, "grep -c 'packets transmitted' /run/direct", ["1"]);
  await prints(near, "grep -c 'packets transmitted' /run/tunnel", ["1"]);
  for (const name of ["direct", "tunnel"])
    expect(near.node.sh(`cat /run/${name}`)).toContain(" 0% packet loss");
});
