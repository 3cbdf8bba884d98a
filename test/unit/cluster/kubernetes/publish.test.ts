/** What a node tells the Kubernetes API of itself, and what it does where somebody takes it back. */

import { expect, test } from "vitest";
import type { ClusterNode } from "../../../../src/cluster/nodes/node.ts";
import {
  kubeNode,
  network,
  putKubeNode,
  putNetwork,
  removeKubeNode,
  removeNetwork,
  SourceBed,
} from "../../../support/cluster/kubernetes-source.ts";
import { FakeApiServer } from "../../../support/kubernetes/fake-api-server.ts";

const SPEC = { addresses: ["192.168.1.11"], ranges: ["10.244.1.0/24"] };

/** A bed whose own node is known. */
async function begin(server: FakeApiServer, options: ConstructorParameters<typeof SourceBed>[1] = {}) {
  putKubeNode(server, "a");
  const bed = new SourceBed(server, options);
  const { own } = await bed.until(({ isComplete }) => isComplete);
  if (own === undefined) throw new Error("nothing is known of the node");
  return { bed, own };
}

function tell(bed: SourceBed, node: ClusterNode, isReady = false, problems: readonly string[] = []): void {
  bed.source.publish({ node, isReady, problems });
}

test("the NodeNetwork says addresses, ranges and MTU, and belongs to the Node", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  tell(bed, { ...own, mtu: 9000 });
  await server.until(() => network(server, "a") !== undefined);
  expect(network(server, "a")).toMatchObject({
    spec: { ...SPEC, mtu: 9000 },
    metadata: {
      ownerReferences: [
        { apiVersion: "v1", kind: "Node", name: "a", uid: kubeNode(server, "a").metadata.uid },
      ],
    },
  });
});

test.for([
  ["removes it", (server: FakeApiServer) => removeNetwork(server, "a")],
  ["changes it", (server: FakeApiServer) => putNetwork(server, "a", { ranges: ["10.9.9.0/24"] })],
  ["makes it unreadable", (server: FakeApiServer) => putNetwork(server, "a", { addresses: ["x"] })],
] as const)("the NodeNetwork is written again when somebody %s", async ([, harm]) => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  tell(bed, own);
  await server.until(() => network(server, "a") !== undefined);
  harm(server);
  const { requests } = server;
  const before = requests.length;
  await server.until(() => requests.length > before && Bun.deepEquals(network(server, "a")?.spec, SPEC));
});

test("the NodeNetwork belongs to the new Node when one is registered under the name again", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  tell(bed, own, true);
  await server.until(() => network(server, "a") !== undefined);
  removeKubeNode(server, "a");
  putKubeNode(server, "a");
  const owner = () =>
    (network(server, "a")?.metadata.ownerReferences as { uid: string }[] | undefined)?.[0]?.uid;
  await server.until(() => owner() === kubeNode(server, "a").metadata.uid);
  await server.until(() => JSON.stringify(kubeNode(server, "a").status).includes("PodwireIsReady"));
});

test.for([
  ["it is busy", { refuse: { status: 429, retryAfter: 0 } }],
  ["it fails", { refuse: { status: 500 } }],
  ["the connection breaks", "reset"],
  ["the answer is lost", "lose answer"],
  ["others have the field", { refuse: { status: 409, reason: "Conflict" } }],
] as const)("what could not be told is told again when %s", async ([, effect]) => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  server.inject({ matches: ({ method }) => method === "PATCH", effect, times: 6 });
  tell(bed, own, true);
  await server.until(() => Bun.deepEquals(network(server, "a")?.spec, SPEC));
  await server.until(() => JSON.stringify(kubeNode(server, "a").status).includes("PodwireIsReady"));
  await bed.until(({ problems }) => problems.length === 0);
});

test("what may not be told is named with what would be right, until it may", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  const effect = { refuse: { status: 403, reason: "Forbidden" } } as const;
  server.inject({ matches: ({ path }) => path.includes("nodenetworks/"), effect, times: 1_000_000 });
  tell(bed, own);
  const { problems } = await bed.until((view) => view.problems.length > 0);
  expect(problems).toEqual([expect.stringMatching(/^NodeNetwork of this node: .*403 Forbidden/)]);
  server.heal();
  await bed.until((view) => view.problems.length === 0);
});

test("the condition NetworkUnavailable is False once pods can be started, not before, and again when it is set back", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server);
  using _bed = bed;
  const unavailable = [{ type: "NetworkUnavailable", status: "True" }];
  putKubeNode(server, "a", { conditions: unavailable });
  tell(bed, own);
  await server.until(() => network(server, "a") !== undefined);
  expect(kubeNode(server, "a").status).toMatchObject({ conditions: unavailable });
  tell(bed, own, true);
  const isFalse = () => JSON.stringify(kubeNode(server, "a").status).includes('"status":"False"');
  await server.until(isFalse);
  putKubeNode(server, "a", { conditions: unavailable });
  await server.until(isFalse);
});

test("a problem that lasts is an event on the Node, once as long as it lasts", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server, { lastingMs: 5 });
  using _bed = bed;
  const events = () => server.requests.filter(({ path }) => path.endsWith("/events"));
  tell(bed, own, false, ["the uplink is gone"]);
  await server.until(() => events().length === 1);
  for (let round = 0; round < 3; round += 1) tell(bed, own, false, ["the uplink is gone", "and more"]);
  await server.until(() => events().length === 2);
  const [first, second] = events().map(({ body }) => JSON.parse(String(body)));
  expect(first).toMatchObject({
    involvedObject: { kind: "Node", name: "a", uid: kubeNode(server, "a").metadata.uid },
    type: "Warning",
    reason: "PodwireProblem",
    message: "the uplink is gone",
    source: { component: "podwire" },
  });
  expect(second.message).toBe("and more");
});

test("a swarm of problems is ten events at most", async () => {
  await using server = await FakeApiServer.start();
  const { bed, own } = await begin(server, { lastingMs: 1 });
  using _bed = bed;
  const events = () => server.requests.filter(({ path }) => path.endsWith("/events")).length;
  tell(
    bed,
    own,
    false,
    Array.from({ length: 40 }, (_, index) => `problem ${index}`),
  );
  await server.until(() => events() >= 10);
  // Later than all timers: what would come has come.
  await Bun.sleep(50);
  expect(events()).toBe(10);
});
