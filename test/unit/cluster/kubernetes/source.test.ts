/** Nodes from the Kubernetes API: what is seen of them, whatever the API does. */

import { expect, test } from "vitest";
import { InvalidAccess } from "../../../../src/kubernetes/access.ts";
import {
  ownText,
  peersText,
  putKubeNode,
  putNetwork,
  removeKubeNode,
  removeNetwork,
  SourceBed,
} from "../../../support/cluster/kubernetes-source.ts";
import { FakeApiServer } from "../../../support/kubernetes/fake-api-server.ts";
import { accessTo } from "../../../support/kubernetes/fake-client.ts";

const PEER = { addresses: ["192.168.1.12"], ranges: ["10.244.2.0/24"] };

test("this node has its Node's first InternalIP and podCIDR of each family", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a", {
    addresses: ["fd00::11", "192.168.1.11", "192.168.7.7"],
    podCIDRs: ["10.244.1.0/24", "fd00:10:244:1::/64"],
  });
  using bed = new SourceBed(server);
  const view = await bed.until(({ isComplete }) => isComplete);
  expect(ownText(view)).toBe("fd00::11 192.168.1.11 10.244.1.0/24 fd00:10:244:1::/64");
  expect(view).toMatchObject({ problems: [], warnings: [], isOwnDerived: true });
});

test("a Node that is not there, and one without podCIDRs, are waited for and named", async () => {
  await using server = await FakeApiServer.start();
  using bed = new SourceBed(server);
  const absent = await bed.until(({ problems }) => problems.length > 0);
  expect(absent.problems).toEqual([expect.stringContaining('the Kubernetes API has no Node "a"')]);
  expect(absent.own).toBeUndefined();
  putKubeNode(server, "a", { podCIDRs: [] });
  const bare = await bed.until(({ own }) => own !== undefined);
  expect(bare.problems).toEqual([expect.stringContaining("--allocate-node-cidrs")]);
  putKubeNode(server, "a");
  expect(ownText(await bed.until(({ problems }) => problems.length === 0))).toBe(
    "192.168.1.11 10.244.1.0/24",
  );
});

test("a Node's changes are followed, and its signs of life are none", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  using bed = new SourceBed(server);
  putNetwork(server, "c", { ...PEER, ranges: [] });
  const { own } = await bed.until(({ isComplete, peers }) => isComplete && peers.length === 1);
  const { changes } = bed;
  putKubeNode(server, "a", { conditions: [{ type: "Ready", status: "True", lastHeartbeatTime: "now" }] });
  putNetwork(server, "b", PEER);
  const after = await bed.until(({ peers }) => peers.length === 2);
  expect(bed.changes).toBe(changes + 1);
  expect(after.own).toBe(own);
  putKubeNode(server, "a", { addresses: ["192.168.1.99"], podCIDRs: ["10.244.9.0/24"] });
  await bed.until((view) => ownText(view) === "192.168.1.99 10.244.9.0/24");
});

test("what was known of this node counts while its Node is gone", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  using bed = new SourceBed(server);
  await bed.until(({ isComplete }) => isComplete);
  removeKubeNode(server, "a");
  const gone = await bed.until(({ problems }) => problems.length > 0);
  expect(ownText(gone)).toBe("192.168.1.11 10.244.1.0/24");
});

test("the others' NodeNetworks come, change and go", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  putNetwork(server, "b", PEER);
  using bed = new SourceBed(server);
  expect(peersText(await bed.until(({ isComplete }) => isComplete))).toBe("b 10.244.2.0/24");
  putNetwork(server, "c", { addresses: ["192.168.1.13"], ranges: [] });
  putNetwork(server, "b", { ...PEER, ranges: ["10.244.22.0/24"] });
  await bed.until((view) => peersText(view) === "b 10.244.22.0/24; c ");
  removeNetwork(server, "b");
  await bed.until((view) => peersText(view) === "c ");
});

test("fields of a newer podwire are passed over", async () => {
  await using server = await FakeApiServer.start();
  putNetwork(server, "b", { ...PEER, carrier: "pigeon" });
  using bed = new SourceBed(server);
  const view = await bed.until(({ peers }) => peers.length === 1);
  expect(peersText(view)).toBe("b 10.244.2.0/24");
});

test("a NodeNetwork that cannot be read is named; the last good one counts, and nothing goes before there was one", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  putNetwork(server, "b", PEER);
  putNetwork(server, "c", { addresses: ["somewhere"] });
  using bed = new SourceBed(server);
  const view = await bed.until(({ peers, warnings }) => peers.length === 1 && warnings.length === 1);
  expect(view.warnings).toEqual([expect.stringContaining("NodeNetwork c: addresses[0]: want an address")]);
  // Its own pods are served: one bad object is no reason to keep all nodes from theirs.
  expect(view).toMatchObject({ isSynced: true, isComplete: false, problems: [] });
  putNetwork(server, "c", { addresses: ["192.168.1.13"], ranges: ["10.244.3.0/24"] });
  await bed.until(({ isComplete, warnings }) => isComplete && warnings.length === 0);
  putNetwork(server, "c", { addresses: ["nowhere"] });
  const broken = await bed.until(({ warnings }) => warnings.length === 1);
  expect(peersText(broken)).toBe("b 10.244.2.0/24; c 10.244.3.0/24");
  expect(broken.isComplete).toBe(true);
});

test("while the API is away everything stays as it was; that the view may be old is said, and that it is over", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  putNetwork(server, "b", PEER);
  using bed = new SourceBed(server);
  const before = await bed.until(({ isComplete }) => isComplete);
  server.inject({ effect: "reset", times: 1_000_000 });
  for (const watch of server.watches) watch.end();
  const away = await bed.until(({ warnings }) => warnings.length === 2);
  expect(away).toMatchObject({ isComplete: true, problems: [], own: before.own });
  expect(away.peers).toEqual(before.peers);
  server.heal();
  removeNetwork(server, "b");
  const back = await bed.until(({ warnings, peers }) => warnings.length === 0 && peers.length === 0);
  expect(back.problems).toEqual([]);
});

test("custom resources that are not installed are named with what installs them", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  server.inject({
    matches: ({ path }) => path.includes("nodenetworks"),
    effect: { refuse: { status: 404, reason: "NotFound" } },
    times: 3,
  });
  using bed = new SourceBed(server);
  const without = await bed.until(({ warnings }) => warnings.length > 0);
  expect(without.isComplete).toBe(false);
  expect(without.warnings).toEqual([expect.stringContaining("kubectl apply -k conf")]);
  await bed.until(({ isComplete, warnings }) => isComplete && warnings.length === 0);
});

test("the place of the API server is asked for until it can be told", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  let attempts = 0;
  using bed = new SourceBed(server, {
    access: async () => {
      attempts += 1;
      if (attempts < 3) throw new InvalidAccess("/token", "cannot be read", "want a token");
      return accessTo(server);
    },
  });
  const waiting = await bed.until(({ problems }) => problems.length > 0);
  expect(waiting.problems).toEqual([expect.stringContaining("/token: cannot be read")]);
  await bed.until(({ isComplete, problems }) => isComplete && problems.length === 0);
});

test("at rest the source has its two watches open and asks nothing else", async () => {
  await using server = await FakeApiServer.start();
  putKubeNode(server, "a");
  using bed = new SourceBed(server);
  const { own } = await bed.until(({ isComplete }) => isComplete);
  if (own === undefined) throw new Error("own");
  bed.source.publish({ node: own, isReady: true, problems: [] });
  await server.until(() => server.requests.length === 4);
  const asked = server.requests.map(({ method, path }) => `${method} ${path}`).sort();
  expect(asked).toEqual([
    "GET /api/v1/nodes",
    "GET /apis/podwire.io/v1alpha1/nodenetworks",
    "PATCH /api/v1/nodes/a/status",
    "PATCH /apis/podwire.io/v1alpha1/nodenetworks/a",
  ]);
  for (let round = 0; round < 5; round += 1) bed.source.publish({ node: own, isReady: true, problems: [] });
  putNetwork(server, "b", PEER);
  await bed.until(({ peers }) => peers.length === 1);
  expect(server.requests).toHaveLength(4);
});
