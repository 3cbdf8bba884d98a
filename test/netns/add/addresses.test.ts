/** Which addresses an ADD puts where: every family, alone and together, against the kernel's own account. */

import { expect, test } from "vitest";
import { prefixesOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";

const subnets = (...list: string[]) => list.map((subnet) => [{ subnet }]);

const cases = [
  { name: "IPv4", ranges: subnets("10.1.0.0/16"), pod: ["10.1.0.2/16"], bridge: ["10.1.0.1/16"] },
  { name: "IPv6", ranges: subnets("fd00:1::/64"), pod: ["fd00:1::2/64"], bridge: ["fd00:1::1/64"] },
  {
    name: "dual stack",
    ranges: subnets("10.1.0.0/16", "fd00:1::/64"),
    pod: ["10.1.0.2/16", "fd00:1::2/64"],
    bridge: ["10.1.0.1/16", "fd00:1::1/64"],
  },
  {
    name: "two IPv4 range sets",
    ranges: subnets("10.1.0.0/16", "10.2.0.0/24"),
    pod: ["10.1.0.2/16", "10.2.0.2/24"],
    bridge: ["10.1.0.1/16", "10.2.0.1/24"],
  },
  {
    name: "two range sets of each family",
    ranges: subnets("fd00:1::/64", "10.1.0.0/16", "fd00:2::/64", "10.2.0.0/24"),
    pod: ["fd00:1::2/64", "10.1.0.2/16", "fd00:2::2/64", "10.2.0.2/24"],
    bridge: ["fd00:1::1/64", "10.1.0.1/16", "fd00:2::1/64", "10.2.0.1/24"],
  },
];

test.for(cases)("ADD() puts addresses on pod and bridge when the ranges are $name", async (row) => {
  await using node = await Node.create();
  const result = attach(node, { conf: { ipam: { type: "host-local", ranges: row.ranges } } });
  expect(result.ips.map((ip: { address: string }) => ip.address)).toEqual(row.pod);
  expect(prefixesOf(node, "eth0", "c1").toSorted()).toEqual(row.pod.toSorted());
  expect(prefixesOf(node, "cni0").toSorted()).toEqual(row.bridge.toSorted());
});

test("ADD() works for a second pod when two IPv4 range sets have gateways", async () => {
  await using node = await Node.create();
  const conf = { ipam: { type: "host-local", ranges: subnets("10.1.0.0/16", "10.2.0.0/24") } };
  attach(node, { conf });
  attach(node, { conf, containerId: "c2" });
  expect(prefixesOf(node, "eth0", "c2")).toEqual(["10.1.0.3/16", "10.2.0.3/24"]);
  expect(prefixesOf(node, "cni0")).toEqual(["10.1.0.1/16", "10.2.0.1/24"]);
});

test("ADD() gives the subnet's broadcast address when the prefix has one", async () => {
  await using node = await Node.create();
  attach(node);
  const [link] = node.json("ip -n c1 -4 -j address show dev eth0");
  expect(link.addr_info[0].broadcast).toBe("10.1.255.255");
});

test("ADD() enables IPv6 in the pod when it was disabled there", async () => {
  await using node = await Node.create();
  node.addPod("c1");
  node.sh(
    "ip netns exec c1 sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
  );
  attach(node, { conf: { ipam: { type: "host-local", subnet: "fd00:1::/64" } } });
  expect(prefixesOf(node, "eth0", "c1")).toEqual(["fd00:1::2/64"]);
});

test("ADD() keeps IPv6 addresses when the pod's link goes down and up", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: { type: "host-local", subnet: "fd00:1::/64" } } });
  node.sh("ip -n c1 link set eth0 down; ip -n c1 link set eth0 up");
  expect(prefixesOf(node, "eth0", "c1")).toEqual(["fd00:1::2/64"]);
});

const forwarding = [
  { family: "IPv4", subnet: "10.1.0.0/16", values: ["1", "0"] },
  { family: "IPv6", subnet: "fd00:1::/64", values: ["0", "1"] },
];

test.for(forwarding)(
  "ADD() turns on forwarding for $family alone when that is the pod's family",
  async (row) => {
    await using node = await Node.create();
    node.sh("sysctl -qw net.ipv4.ip_forward=0 net.ipv6.conf.all.forwarding=0");
    attach(node, { conf: { ipam: { type: "host-local", subnet: row.subnet } } });
    const values = node.sh("sysctl -n net.ipv4.ip_forward net.ipv6.conf.all.forwarding");
    expect(values.trim().split("\n")).toEqual(row.values);
  },
);

test("ADD() leaves bridge and forwarding alone when it is no gateway", async () => {
  await using node = await Node.create();
  node.sh("sysctl -qw net.ipv4.ip_forward=0");
  attach(node, { conf: { isGateway: false } });
  expect(prefixesOf(node, "cni0")).toEqual([]);
  expect(node.sh("sysctl -n net.ipv4.ip_forward").trim()).toBe("0");
});
