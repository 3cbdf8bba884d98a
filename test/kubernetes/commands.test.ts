/** podwire node and podwire cluster on nodes of Kubernetes, and on an operator's machine. */

import { afterAll, beforeAll, expect, test } from "vitest";
import { KubernetesBed } from "../support/cluster/kubernetes-bed.ts";
import type { Member } from "../support/cluster/lan.ts";
import type { Agent } from "../support/node/agent.ts";
import { PODWIRE } from "../support/node/node.ts";

let kubernetes: KubernetesBed;
let near: Member;
const agents: Agent[] = [];

beforeAll(async () => {
  kubernetes = await KubernetesBed.create();
  near = await kubernetes.join();
  await kubernetes.join();
  for (const member of kubernetes.members) agents.push(await kubernetes.start(member));
}, 120_000);
afterAll(async () => {
  for (const agent of agents) await agent[Symbol.asyncDispose]();
  await kubernetes[Symbol.asyncDispose]();
});

function podwire(...args: readonly string[]) {
  return near.node.run([PODWIRE, ...args]);
}

/** With the credentials of a person who may read. */
function byKubeconfig(...args: readonly string[]) {
  return kubernetes.bed.router.run([PODWIRE, ...args, "--kubeconfig", kubernetes.kubeconfig("node1")]);
}

const SECOND = {
  name: "node2",
  addresses: ["192.168.1.12", "fd99:1::12"],
  ranges: ["10.244.2.0/24", "fd00:10:244:2::/64"],
  mtu: 1500,
};

test.for([
  ["by what its agent knows, on a node", podwire],
  ["by the API, on a machine that is no node", byKubeconfig],
] as const)("podwire node shows the cluster's nodes %s", async ([, run]) => {
  while (!run("node", "list").stdout.includes("node2")) await Bun.sleep(50);
  const list = run("node", "list");
  expect([list.exitCode, list.stderr]).toEqual([0, ""]);
  expect(list.stdout.match(/^node\d/gm)?.toSorted()).toEqual(["node1", "node2"]);
  expect(JSON.parse(run("node", "get", "node2", "--json").stdout)).toEqual(SECOND);
  expect(run("node", "get", "node9")).toMatchObject({
    exitCode: 1,
    stderr: expect.stringContaining('there is no node "node9"'),
  });
});

test("podwire node writes no file of a node that is Kubernetes', unless --local says so", () => {
  const create = ["node", "create", "node3", "-a", "192.168.1.13"];
  const reason = expect.stringMatching(
    /the nodes of this cluster are those of Kubernetes\n {2}kubectl get nodes/,
  );
  expect(podwire(...create)).toMatchObject({ exitCode: 1, stderr: reason });
  expect(podwire("node", "delete", "node2", "--yes")).toMatchObject({ exitCode: 1, stderr: reason });
  expect(podwire(...create, "--local").exitCode).toBe(0);
  expect(podwire("node", "list", "--local").stdout).toMatch(/^node3 +192.168.1.13/m);
  expect(podwire("node", "list").stdout).not.toContain("node3");
});

test("podwire node names what keeps it from the API", async () => {
  const nobody = kubernetes.server.kubeconfig({ token: "none" }, "nobody.conf");
  const refused = near.node.run([PODWIRE, "node", "list", "--kubeconfig", nobody]);
  expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("401")]);
  const missing = near.node.run([PODWIRE, "node", "list", "--kubeconfig", "/run/none.conf"]);
  expect([missing.exitCode, missing.stderr]).toEqual([1, expect.stringContaining("/run/none.conf")]);
});

test("the agent's metrics tell how fresh its watches are", async () => {
  const metrics = (await agents[0]?.metrics()) ?? {};
  expect(metrics).toMatchObject({
    'podwire_cluster_watch_lagging{resource="nodes"}': 0,
    'podwire_cluster_watch_lagging{resource="nodenetworks"}': 0,
    'podwire_cluster_peers{state="ready"}': 1,
  });
  const at = metrics['podwire_cluster_watch_last_event_timestamp_seconds{resource="nodes"}'];
  expect(at).toBeGreaterThan(Date.now() / 1000 - 3600);
});

test("podwire doctor says that the API answers, and the agent of a node that it is away", async () => {
  const doctor = () => near.node.run([PODWIRE, "doctor", "cluster"]).stdout;
  expect(doctor()).toContain(`the API server ${kubernetes.server.url} answers`);
  await kubernetes.server.kill();
  expect(doctor()).toContain(`the API server ${kubernetes.server.url} does not answer`);
  await kubernetes.server.startAgain();
});

test("podwire node says where an agent that has ended leaves it", async () => {
  await agents[0]?.stop("SIGTERM");
  expect(podwire("node", "list")).toMatchObject({
    exitCode: 0,
    stderr: expect.stringMatching(/^podwire agent does not run: these are the nodes of 2/),
  });
});
