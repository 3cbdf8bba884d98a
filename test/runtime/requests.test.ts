/** What a runtime asks for beside the configuration: capabilities, CNI_ARGS, interface names. */

import { expect, test } from "vitest";
import { RuntimeNode, type ToolOptions } from "../support/runtime/cnitool.ts";

const MAC = "c2:b0:57:49:47:f1";

const conf = {
  cniVersion: "1.1.0",
  name: "mynet",
  plugins: [
    {
      type: "podwire",
      isGateway: true,
      capabilities: { mac: true, ips: true, ipRanges: true },
      ipam: { type: "host-local", subnet: "10.1.0.0/16" },
    },
  ],
};

interface Wish {
  readonly name: string;
  readonly options: Omit<ToolOptions, "netns">;
  readonly addresses: readonly string[];
}

const WISHES: readonly Wish[] = [
  {
    name: "capability ips",
    options: { capabilities: { ips: ["10.1.0.99"] } },
    addresses: ["10.1.0.99/16"],
  },
  {
    name: "capability ips with a prefix length",
    options: { capabilities: { ips: ["10.1.0.98/24"] } },
    addresses: ["10.1.0.98/16"],
  },
  {
    name: "capability ipRanges",
    options: { capabilities: { ipRanges: [[{ subnet: "10.9.0.0/24" }], [{ subnet: "fd00:9::/64" }]] } },
    addresses: ["10.9.0.2/24", "10.1.0.2/16", "fd00:9::2/64"],
  },
  {
    name: "CNI_ARGS IP",
    options: { args: "IP=10.1.0.97" },
    addresses: ["10.1.0.97/16"],
  },
  {
    name: "CNI_ARGS of a Kubernetes runtime",
    options: { args: "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web-0;ZONE=b" },
    addresses: ["10.1.0.2/16"],
  },
  {
    name: "an interface name",
    options: { ifname: "net1" },
    addresses: ["10.1.0.2/16"],
  },
];

async function readyNode() {
  const runtime = await RuntimeNode.create();
  runtime.configure(conf);
  const netns = runtime.node.addPod("pod");
  return { runtime, netns, [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() };
}

function macOf(runtime: RuntimeNode): string {
  const [link] = runtime.node.json("ip -j -n pod link show dev eth0");
  return link.address;
}

test.for(WISHES)("ADD() gives the addresses that $name asks for", async ({ options, addresses }) => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  const added = runtime.call("add", { netns, ...options });
  expect(added).toMatchObject({ exitCode: 0, stderr: "" });
  expect(runtime.addressesOf("pod", options.ifname)).toEqual(addresses);
});

test.for(WISHES)("CHECK() and DEL() follow an ADD by $name", async ({ options, addresses }) => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  runtime.call("add", { netns, ...options });
  const checked = runtime.call("check", { netns, ...options });
  expect({ held: runtime.reservations().length, checked: checked.exitCode }).toEqual({
    held: addresses.length,
    checked: 0,
  });
  const deleted = runtime.call("del", { netns, ...options });
  expect({ left: runtime.reservations(), deleted: deleted.exitCode }).toEqual({ left: [], deleted: 0 });
});

test.for([
  { name: "capability mac", options: { capabilities: { mac: MAC } } },
  { name: "CNI_ARGS MAC", options: { args: `MAC=${MAC}` } },
  {
    name: "capability mac before CNI_ARGS",
    options: { capabilities: { mac: MAC }, args: "MAC=c2:b0:57:49:47:f9" },
  },
])("ADD() gives the interface the MAC that $name asks for", async ({ options }) => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  const added = runtime.call("add", { netns, ...options });
  expect({ kernel: macOf(runtime), result: added.json.interfaces[2].mac }).toEqual({
    kernel: MAC,
    result: MAC,
  });
});

test("ADD() attaches one container by two interfaces", async () => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  for (const ifname of ["eth0", "net1"]) {
    expect(runtime.call("add", { netns, ifname })).toMatchObject({ exitCode: 0 });
  }
  expect(["eth0", "net1"].map((ifname) => runtime.addressesOf("pod", ifname))).toEqual([
    ["10.1.0.2/16"],
    ["10.1.0.3/16"],
  ]);
});

test("DEL() of one interface leaves the container's other one", async () => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  for (const ifname of ["eth0", "net1"]) runtime.call("add", { netns, ifname });
  expect(runtime.call("del", { netns, ifname: "eth0" }).exitCode).toBe(0);
  expect(runtime.reservations()).toEqual(["10.1.0.3"]);
  expect(runtime.call("check", { netns, ifname: "net1" })).toMatchObject({ exitCode: 0, stderr: "" });
});

test("ADD() refuses a second attachment under the same interface name and leaves the first", async () => {
  await using world = await readyNode();
  const { runtime, netns } = world;
  runtime.call("add", { netns });
  expect(runtime.call("add", { netns }).exitCode).toBe(1);
  expect({ links: runtime.hostEnds().length, addresses: runtime.reservations() }).toEqual({
    links: 1,
    addresses: ["10.1.0.2"],
  });
});
