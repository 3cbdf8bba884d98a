/** Persistent endpoints: addresses that stay with a name, whichever pod has it, and are nobody else's. */

import { expect, test } from "vitest";
import { prefixesOf } from "../../support/kernel/kernel.ts";
import { Segment, type SegmentCall } from "../../support/pod/segment.ts";

const EP1 = { network: "web", addresses: ["10.10.120.50"] };

async function withEndpoints(files: Readonly<Record<string, object>>): Promise<Segment> {
  const segment = await Segment.create();
  for (const [name, file] of Object.entries(files)) segment.put(`endpoints/${name}.json`, file);
  return segment;
}

function addressesOf(segment: Segment, options: SegmentCall): string[] {
  segment.attach(options);
  return prefixesOf(segment.node, "eth0", options.containerId ?? "c1");
}

const NAMED = { wishes: [{ endpointId: "ep1" }] };

test("ADD() gives the endpoint's address to one pod after the other when both name it", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  expect(addressesOf(segment, NAMED)).toEqual(["10.10.120.50/24"]);
  segment.call("DEL", NAMED);
  expect(addressesOf(segment, { ...NAMED, containerId: "c2" })).toEqual(["10.10.120.50/24"]);
});

test("ADD() gives both addresses of an endpoint when its network is dual stack", async () => {
  const file = { network: "dual", addresses: ["10.10.120.150", "fd00:120::1050"] };
  await using segment = await withEndpoints({ "default.ep1": file });
  expect(addressesOf(segment, NAMED)).toEqual(["10.10.120.150/24", "fd00:120::1050/64"]);
});

test("ADD() gives code 11 naming the endpoint when another pod has it", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  segment.attach(NAMED);
  const { code, msg } = segment.refuse({ ...NAMED, containerId: "c2" });
  expect(code).toBe(11);
  for (const named of ['"default/ep1"', '"web"', "10.10.120.50"]) expect(msg).toContain(named);
});

test("ADD() gives the endpoint to one of two pods when both ask for both ends of a pair", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  segment.attach({ wishes: [{ network: "web" }, { endpointId: "ep1" }] });
  expect(
    segment.refuse({ wishes: [{ endpointId: "ep1" }, { network: "web" }], containerId: "c2" }).code,
  ).toBe(11);
  expect(prefixesOf(segment.node, "eth1", "c1")).toEqual(["10.10.120.50/24"]);
});

test("ADD() keeps an endpoint's addresses from pods that do not name it", async () => {
  await using segment = await withEndpoints({
    "default.ep1": { network: "web", addresses: ["10.10.120.11"] },
    "other.ep1": { network: "web", addresses: ["10.10.120.12"] },
  });
  expect(addressesOf(segment, { wishes: [{ network: "web" }] })).toEqual(["10.10.120.13/24"]);
});

test.for([
  ["lacks a brace", '{ "network": "web", "addresses": ["10.10.120.11", "fd00:120::11"]'],
  ["has an unknown member", { ...EP1, addresses: ["10.10.120.11"], colour: "red" }],
  ["has a prefix for an address", { network: "web", addresses: ["10.10.120.11/24"] }],
] as const)("ADD() keeps an endpoint's address from other pods when its file %s", async ([, file]) => {
  await using segment = await Segment.create();
  segment.put("endpoints/default.ep1.json", file);
  expect(addressesOf(segment, { wishes: [{ network: "web" }] })).toEqual(["10.10.120.12/24"]);
});

test("ADD() gives code 11 when a pod asks for an endpoint's address without naming it", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  const { code, msg } = segment.refuse({ wishes: [{ network: "web" }], args: "IP=10.10.120.50" });
  expect(code).toBe(11);
  expect(msg).toContain("10.10.120.50");
});

test("ADD() finds the endpoint of the pod's namespace when two have one of that name", async () => {
  await using segment = await withEndpoints({
    "default.ep1": EP1,
    "prod.ep1": { network: "web", addresses: ["10.10.120.60"] },
  });
  const args = "IgnoreUnknown=1;K8S_POD_NAMESPACE=prod;K8S_POD_NAME=a";
  expect(addressesOf(segment, { ...NAMED, args })).toEqual(["10.10.120.60/24"]);
});

test("ADD() gives each replica its own endpoint when a StatefulSet's pods come in any order", async () => {
  const file = (last: number) => ({ network: "web", addresses: [`10.10.120.${last}`] });
  await using segment = await withEndpoints({
    "default.db-0": file(50),
    "default.db-1": file(51),
    "default.db-2": file(52),
  });
  const replica = (ordinal: number, containerId: string) =>
    addressesOf(segment, {
      containerId,
      wishes: [{ endpointPrefix: "db" }],
      args: `IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=my-db-${ordinal}`,
    });
  expect([replica(2, "c1"), replica(0, "c2"), replica(1, "c3")].flat()).toEqual([
    "10.10.120.52/24",
    "10.10.120.50/24",
    "10.10.120.51/24",
  ]);
  segment.call("DEL", { containerId: "c2" });
  expect(replica(0, "c4")).toEqual(["10.10.120.50/24"]);
});

test("ADD() gives code 7 naming the network when the endpoint's address is not in its range", async () => {
  await using segment = await withEndpoints({ "default.ep1": { ...EP1, addresses: ["10.10.120.5"] } });
  const { code, msg } = segment.refuse(NAMED);
  expect(code).toBe(7);
  for (const named of ["10.10.120.5", '"web"']) expect(msg).toContain(named);
});

test("ADD() gives code 7 when the endpoint has no address of one family of its network", async () => {
  await using segment = await withEndpoints({
    "default.ep1": { network: "dual", addresses: ["10.10.120.150"] },
  });
  const { code, msg } = segment.refuse(NAMED);
  expect(code).toBe(7);
  expect(msg).toContain("fd00:120::1001");
});

test("DEL() frees the endpoint's address when the endpoint was deleted in the meantime", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  segment.attach(NAMED);
  segment.node.sh("rm /run/net.d/endpoints/default.ep1.json");
  expect(segment.call("DEL", NAMED)).toMatchObject({ exitCode: 0, stdout: "" });
  expect(segment.node.sh("ls /var/lib/cni/podwire/web")).not.toContain("10.10.120.50");
});

test("CHECK() passes when the pod has an endpoint and it was deleted in the meantime", async () => {
  await using segment = await withEndpoints({ "default.ep1": EP1 });
  const prevResult = segment.attach(NAMED);
  segment.node.sh("rm /run/net.d/endpoints/default.ep1.json");
  expect(segment.call("CHECK", { ...NAMED, conf: { prevResult } })).toMatchObject({
    exitCode: 0,
    stdout: "",
  });
});
