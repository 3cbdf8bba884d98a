/** isGateway, isDefaultGateway and forceAddress: the bridge's addresses and the pod's default routes. */

import { expect, test } from "vitest";
import { prefixesOf, routesOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, ensurePod } from "../../support/pod/attachment.ts";

const v6 = (subnet: string) => ({ ipam: { type: "host-local", subnet } });

function defaults(node: Node, pod: string) {
  const both = [...routesOf(node, pod, 4), ...routesOf(node, pod, 6)];
  return both.filter((route) => route.dst === "default").map((route) => route.gateway);
}

test("ADD() gives one default route a family when it is the default gateway", async () => {
  await using node = await Node.create();
  const conf = { isGateway: false, isDefaultGateway: true, ipam: DUAL_STACK };
  const { routes } = attach(node, { conf });
  expect(defaults(node, "c1")).toEqual(["10.1.0.1", "fd00:1::1"]);
  expect(routes).toEqual([
    { dst: "0.0.0.0/0", gw: "10.1.0.1" },
    { dst: "::/0", gw: "fd00:1::1" },
  ]);
  expect(prefixesOf(node, "cni0")).toEqual(["10.1.0.1/16", "fd00:1::1/64"]);
});

const twice = [
  { name: "without a gateway", routes: [{ dst: "0.0.0.0/0" }], gateways: ["10.1.0.1"] },
  { name: "with the same gateway", routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.1" }], gateways: ["10.1.0.1"] },
  { name: "with another gateway", routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.9" }], gateways: ["10.1.0.9"] },
  { name: "twice", routes: [{ dst: "0.0.0.0/0" }, { dst: "0.0.0.0/0" }], gateways: ["10.1.0.1"] },
];

test.for(twice)("ADD() has one default route when ipam gives it $name too", async ({ routes, gateways }) => {
  await using node = await Node.create();
  const ipam = { type: "host-local", subnet: "10.1.0.0/16", routes };
  attach(node, { conf: { isDefaultGateway: true, ipam } });
  expect(defaults(node, "c1")).toEqual(gateways);
});

test("ADD() takes the range's own gateway when one is configured", async () => {
  await using node = await Node.create();
  const ipam = { type: "host-local", subnet: "10.1.0.0/16", gateway: "10.1.0.254" };
  const { ips } = attach(node, { conf: { isDefaultGateway: true, ipam } });
  expect(ips).toEqual([{ interface: 2, address: "10.1.0.1/16", gateway: "10.1.0.254" }]);
  expect(prefixesOf(node, "cni0")).toEqual(["10.1.0.254/16"]);
});

const conflicts = [
  { name: "another IPv4 address", present: "10.9.0.1/16", subnet: "10.1.0.0/16", want: "10.1.0.1/16" },
  {
    name: "the gateway with another length",
    present: "10.1.0.1/24",
    subnet: "10.1.0.0/16",
    want: "10.1.0.1/16",
  },
  {
    name: "an overlapping IPv6 address",
    present: "fd00:1::9/56",
    subnet: "fd00:1::/64",
    want: "fd00:1::1/64",
  },
];

test.for(conflicts)("ADD() refuses with code 100 when the bridge has $name", async ({ present, subnet }) => {
  await using node = await Node.create();
  node.sh(`ip link add cni0 type bridge; ip link set cni0 up; ip address add ${present} dev cni0 nodad`);
  ensurePod(node);
  const added = call(node, "ADD", { conf: v6(subnet) });
  expect([added.exitCode, added.json.code]).toEqual([1, 100]);
  expect(added.json.msg).toContain(present);
  expect(prefixesOf(node, "cni0")).toEqual([present]);
});

test.for(conflicts)("ADD() replaces $name when forceAddress is set", async ({ present, subnet, want }) => {
  await using node = await Node.create();
  node.sh(`ip link add cni0 type bridge; ip link set cni0 up; ip address add ${present} dev cni0 nodad`);
  attach(node, { conf: { ...v6(subnet), forceAddress: true } });
  expect(prefixesOf(node, "cni0")).toEqual([want]);
});

test("ADD() keeps both IPv6 addresses when the second subnet does not overlap", async () => {
  await using node = await Node.create();
  attach(node, { conf: v6("fd00:1::/64") });
  attach(node, { conf: { ...v6("fd00:2::/64"), name: "other" }, containerId: "c2" });
  expect(prefixesOf(node, "cni0").toSorted()).toEqual(["fd00:1::1/64", "fd00:2::1/64"]);
});

test("ADD() keeps the gateway address when ports come and go", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ipam: DUAL_STACK } });
  attach(node, { conf: { ipam: DUAL_STACK }, containerId: "c2" });
  call(node, "DEL", { conf: { ipam: DUAL_STACK } });
  call(node, "DEL", { conf: { ipam: DUAL_STACK }, containerId: "c2" });
  expect(prefixesOf(node, "cni0")).toEqual(["10.1.0.1/16", "fd00:1::1/64"]);
});
