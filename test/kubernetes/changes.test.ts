/** A cluster in a real API server that changes, and one whose API server is away. */

import { expect, test } from "vitest";
import { KubernetesBed } from "../support/cluster/kubernetes-bed.ts";
import { type Member, startPod } from "../support/cluster/lan.ts";

/** Waits until the script prints the text. */
async function until({ node }: Member, script: string, isSo: (text: string) => boolean): Promise<void> {
  while (!isSo(node.run(["sh", "-c", script]).stdout)) await Bun.sleep(20);
}

const SPEC = { addresses: ["192.168.1.66"], ranges: ["10.244.2.0/24"] };
const ROUTES = "ip route show proto 112; ip -6 route show proto 112";

async function pair(): Promise<{ bed: KubernetesBed; first: Member; second: Member }> {
  const bed = await KubernetesBed.create();
  return { bed, first: await bed.join(), second: await bed.join() };
}

test("an agent's account writes its own node's objects and no other's", async () => {
  await using bed = await KubernetesBed.create();
  for (const name of ["node1", "node2"])
    bed.register({ name, document: { addresses: ["192.168.1.11"], ranges: ["10.244.1.0/24"] } });
  bed.apply({
    apiVersion: "podwire.io/v1alpha1",
    kind: "NodeNetwork",
    metadata: { name: "node2" },
    spec: SPEC,
  });
  /** What the API answers to node1. */
  const answer = (method: string, path: string, body: object = {}) =>
    bed.ask("node1", { method, path, body });
  const networks = "/apis/podwire.io/v1alpha1/nodenetworks";
  const other = "an agent writes its own node only: this one is on node1";
  expect(answer("PATCH", `${networks}/node2`, { spec: { mtu: 1400 } })).toContain(other);
  expect(answer("PATCH", "/api/v1/nodes/node2/status", { status: { phase: "Running" } })).toContain(other);
  expect(answer("DELETE", `${networks}/node2`)).toContain("cannot delete resource");
  expect(answer("PATCH", "/api/v1/nodes/node1", { spec: { unschedulable: true } })).toContain(
    "cannot patch resource",
  );
  expect(answer("GET", "/api/v1/secrets")).toContain("cannot list resource");
  expect(answer("GET", "/api/v1/pods")).toContain("cannot list resource");
  const own = {
    apiVersion: "podwire.io/v1alpha1",
    kind: "NodeNetwork",
    metadata: { name: "node1" },
    spec: SPEC,
  };
  expect(JSON.parse(answer("POST", networks, own))).toMatchObject({ spec: SPEC });

  const refused = (spec: object) => answer("PATCH", `${networks}/node1`, { spec });
  expect(refused({ addresses: ["nowhere"] })).toContain("want an IPv4 or IPv6 address");
  expect(refused({ addresses: [] })).toContain("spec.addresses");
  expect(refused({ ranges: ["10.244.1.0"] })).toContain("want a network");
  expect(refused({ mtu: 100 })).toContain("spec.mtu");
  expect(refused({ mac: "x" })).toContain("spec.mac");
});

test("nodes that come, get other ranges and go are followed", async () => {
  const { bed, first, second } = await pair();
  await using _bed = bed;
  await using _one = await bed.start(first);
  await using _two = await bed.start(second);
  await until(first, ROUTES, (text) => text.includes("10.244.2.0/24 via 192.168.1.12"));
  const third = await bed.join("far");
  await using _three = await bed.start(third);
  for (const member of [first, second]) await until(member, ROUTES, (text) => text.includes("10.244.3.0/24"));

  // A Node's podCIDRs cannot be changed: it is registered anew, with other ones.
  bed.server.kubectl("delete", "node", "node2");
  bed.register(second, { podCIDRs: ["10.244.22.0/24"] });
  await until(
    first,
    ROUTES,
    (text) => text.includes("10.244.22.0/24 via 192.168.1.12") && !text.includes("10.244.2.0/24"),
  );
  await until(second, "cat /etc/cni/net.d/10-podwire.conflist", (text) => text.includes("10.244.22.0/24"));
  expect(startPod(second, "c1")[0]).toMatch(/^10\.244\.22\./);

  bed.server.kubectl("delete", "node", "node3");
  bed.server.kubectl("delete", "nodenetwork", "node3");
  await until(first, ROUTES, (text) => !text.includes("10.244.3.0/24"));
});

test("while the API server is away pods are started, come to each other and agents may be restarted; afterwards all goes on", async () => {
  const { bed, first, second } = await pair();
  await using _bed = bed;
  await using one = await bed.start(first);
  await using _two = await bed.start(second);
  const [address] = startPod(second, "c1");
  await until(first, ROUTES, (text) => text.includes("10.244.2.0/24"));
  await bed.server.kill();
  startPod(first, "c1");
  const ping = `ip netns exec c1 ping -c 1 -W 2 ${address}`;
  expect(first.node.sh(ping)).toContain(" 0% packet loss");
  await one[Symbol.asyncDispose]();
  await using again = await bed.launch(first);
  startPod(first, "c2");
  expect(first.node.sh(`${ping}; ip netns exec c2 ping -c 1 -W 2 ${address}`)).not.toContain(
    "100% packet loss",
  );
  await bed.server.startAgain();
  await again.said(({ msg }) => msg === "ready for pods");
  const third = await bed.join();
  await using _three = await bed.start(third);
  await until(first, ROUTES, (text) => text.includes("10.244.3.0/24"));
});
