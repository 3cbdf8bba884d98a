/** Routes of the pod: every field of the configuration as the kernel shows it. */

import { expect, test } from "vitest";
import { routesOf } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, callWithResult } from "../../support/pod/attachment.ts";

const V4 = { type: "host-local", subnet: "10.1.0.0/16" };
const V6 = { type: "host-local", subnet: "fd00:1::/64" };

const cases = [
  {
    name: "a gateway of its own",
    ipam: V4,
    route: { dst: "172.16.0.0/12", gw: "10.1.0.9" },
    want: { dst: "172.16.0.0/12", gateway: "10.1.0.9" },
  },
  {
    name: "no gateway",
    ipam: V4,
    route: { dst: "172.16.0.0/12" },
    want: { dst: "172.16.0.0/12", gateway: "10.1.0.1" },
  },
  {
    name: "host bits",
    ipam: V4,
    route: { dst: "172.16.5.7/12" },
    want: { dst: "172.16.0.0/12", gateway: "10.1.0.1" },
  },
  {
    name: "a single host",
    ipam: V4,
    route: { dst: "172.16.0.9/32" },
    want: { dst: "172.16.0.9", gateway: "10.1.0.1" },
  },
  {
    name: "mtu and advmss",
    ipam: V4,
    route: { dst: "172.16.0.0/12", mtu: 1300, advmss: 1200 },
    want: { dst: "172.16.0.0/12", metrics: [{ mtu: 1300, advmss: 1200 }] },
  },
  {
    name: "a priority",
    ipam: V4,
    route: { dst: "172.16.0.0/12", priority: 77 },
    want: { dst: "172.16.0.0/12", metric: 77 },
  },
  {
    name: "a table below 256",
    ipam: V4,
    route: { dst: "172.16.0.0/12", table: 99 },
    want: { dst: "172.16.0.0/12", table: "99" },
  },
  {
    name: "a table of 256 and more",
    ipam: V4,
    route: { dst: "172.16.0.0/12", table: 4242 },
    want: { dst: "172.16.0.0/12", table: "4242" },
  },
  {
    name: "IPv6 with every field",
    ipam: V6,
    route: { dst: "fd00:9::/48", gw: "fd00:1::9", mtu: 1300, advmss: 1200, priority: 77, table: 4242 },
    want: {
      dst: "fd00:9::/48",
      gateway: "fd00:1::9",
      metric: 77,
      table: "4242",
      metrics: [{ mtu: 1300, advmss: 1200 }],
    },
  },
];

test.for(cases)("ADD() makes the route when it has $name", async ({ ipam, route, want }) => {
  await using node = await Node.create();
  const result = attach(node, { conf: { ipam: { ...ipam, routes: [route] } } });
  const [found] = routesOf(node, "c1", ipam === V4 ? 4 : 6);
  expect(found).toMatchObject({ dev: "eth0", ...want });
  expect(result.routes).toMatchObject([route]);
  const conf = { ipam: { ...ipam, routes: [route] } };
  expect(callWithResult(node, "CHECK", result, { conf })).toMatchObject({ exitCode: 0, stdout: "" });
});

test("ADD() makes an on-link route when it has scope link and no gateway is known", async () => {
  await using node = await Node.create();
  const routes = [{ dst: "172.16.0.0/12", scope: 253 }];
  const ipam = { ...V4, routes };
  attach(node, { conf: { isGateway: false, ipam } });
  const [found] = routesOf(node, "c1", 4);
  expect(found).toMatchObject({ dst: "172.16.0.0/12", scope: "link", dev: "eth0" });
});

test("ADD() makes both routes when one destination has two gateways", async () => {
  await using node = await Node.create();
  const routes = [
    { dst: "172.16.0.0/12", gw: "10.1.0.8", priority: 5 },
    { dst: "172.16.0.0/12", gw: "10.1.0.9", priority: 6 },
  ];
  attach(node, { conf: { ipam: { ...V4, routes } } });
  expect(routesOf(node, "c1", 4).map(({ gateway }) => gateway)).toEqual(["10.1.0.8", "10.1.0.9"]);
});

test("ADD() makes an equal-cost route when one destination has two gateways alike", async () => {
  await using node = await Node.create();
  const routes = [
    { dst: "fd00:9::/48", gw: "fd00:1::8" },
    { dst: "fd00:9::/48", gw: "fd00:1::9" },
  ];
  attach(node, { conf: { ipam: { ...V6, routes } } });
  const text = node.sh("ip -n c1 -6 route show fd00:9::/48");
  expect(text).toContain("fd00:1::8");
  expect(text).toContain("fd00:1::9");
});

test("ADD() makes a route once when it is given twice", async () => {
  await using node = await Node.create();
  const routes = [{ dst: "172.16.0.0/12" }, { dst: "172.16.0.0/12", gw: "10.1.0.1" }];
  attach(node, { conf: { ipam: { ...V4, routes } } });
  expect(routesOf(node, "c1", 4)).toHaveLength(1);
});

test("ADD() sends each family's routes to its own gateway when the pod has both", async () => {
  await using node = await Node.create();
  const routes = [{ dst: "::/0" }, { dst: "0.0.0.0/0" }];
  const ranges = [[{ subnet: "10.1.0.0/16" }], [{ subnet: "fd00:1::/64" }]];
  attach(node, { conf: { ipam: { type: "host-local", ranges, routes } } });
  expect(routesOf(node, "c1", 4)[0].gateway).toBe("10.1.0.1");
  expect(routesOf(node, "c1", 6)[0].gateway).toBe("fd00:1::1");
});
