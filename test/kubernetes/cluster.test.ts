/** Nodes that a real API server knows: what `kubectl apply -k conf` gives them, and their pods. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KubernetesBed } from "../support/cluster/kubernetes-bed.ts";
import { type Member, startPod } from "../support/cluster/lan.ts";
import type { Agent } from "../support/node/agent.ts";
import { connect, Server } from "../support/traffic/traffic.ts";

let kubernetes: KubernetesBed;
const agents: Agent[] = [];
const pods: (readonly string[])[] = [];

beforeAll(async () => {
  kubernetes = await KubernetesBed.create();
  for (const link of ["lan", "lan", "far"] as const) await kubernetes.join(link);
  for (const member of kubernetes.members) agents.push(await kubernetes.start(member));
  for (const member of kubernetes.members) pods.push(startPod(member, "c1"));
}, 120_000);
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await kubernetes[Symbol.asyncDispose]();
});

function member(index: number): Member {
  const found = kubernetes.members[index];
  if (found === undefined) throw new Error(`no node ${index}`);
  return found;
}

test("nodes tell of themselves by objects that go with their Nodes", () => {
  const { items } = kubernetes.get("nodenetworks");
  expect(items.map(({ metadata }: { metadata: { name: string } }) => metadata.name)).toEqual([
    "node1",
    "node2",
    "node3",
  ]);
  const [first] = items;
  expect(first.spec).toEqual({
    addresses: ["192.168.1.11", "fd99:1::11"],
    ranges: ["10.244.1.0/24", "fd00:10:244:1::/64"],
    mtu: 1500,
  });
  expect(first.metadata.ownerReferences).toEqual([
    { apiVersion: "v1", kind: "Node", name: "node1", uid: kubernetes.get("node", "node1").metadata.uid },
  ]);
});

const WAYS = [
  ["a node on the same link", 0, 1],
  ["a node behind a router", 0, 2],
] as const;
const FAMILIES = [
  ["IPv4", 0],
  ["IPv6", 1],
] as const;

test.for(WAYS.flatMap((way) => FAMILIES.map((family) => [...way, ...family] as const)))(
  "a pod sees the sender's own address on %s: %i to %i by %s",
  async ([, from, to, , which]) => {
    await using _server = await Server.start({ node: member(to).node, pod: "c1" }, "pod", ["tcp 80"]);
    const seen = connect({ node: member(from).node, pod: "c1" }, `tcp ${pods[to]?.[which]} 80`);
    expect(seen).toBe(`pod ${pods[from]?.[which]}`);
  },
);

test("pods may be scheduled to a node once it is ready", () => {
  const { conditions } = kubernetes.get("node", "node1").status;
  expect(conditions).toMatchObject([
    { type: "NetworkUnavailable", status: "False", reason: "PodwireIsReady" },
  ]);
});
