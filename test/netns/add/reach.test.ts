/** Gateways and routes that a pod cannot reach are refused by their field; those that it can are accepted by every verb. */

import { expect, test } from "vitest";
import { createNode } from "../../support/node/commands.ts";
import { attach, call } from "../../support/pod/attachment.ts";

const ipam = { type: "host-local", subnet: "10.1.2.0/24" };
const GATEWAY = { isGateway: true, isDefaultGateway: true };

test.for([
  ["ipam.gateway", { ...GATEWAY, ipam: { ...ipam, gateway: "192.168.1.1" } }],
  [
    "ipam.ranges[1][0].gateway",
    {
      ...GATEWAY,
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: "10.1.2.0/24" }], [{ subnet: "fd00:2::/64", gateway: "fd00:3::1" }]],
      },
    },
  ],
  [
    "ipam.gateway",
    { isGateway: false, ipam: { ...ipam, gateway: "192.168.1.1", routes: [{ dst: "0.0.0.0/0" }] } },
  ],
  ["ipam.routes[0].gw", { ipam: { ...ipam, routes: [{ dst: "10.9.0.0/16", gw: "172.31.0.1" }] } }],
  [
    "ipam.routes[1].gw",
    {
      mode: "ptp",
      isGateway: undefined,
      ipam: { ...ipam, routes: [{ dst: "10.8.0.0/16" }, { dst: "10.9.0.0/16", gw: "10.1.2.9" }] },
    },
  ],
] as const)(
  "ADD and STATUS say code 7 and %s when the pod could not reach it, and change nothing",
  async ([path, conf]) => {
    await using node = await createNode();
    node.addPod("c1");
    for (const command of ["ADD", "STATUS"])
      expect(call(node, command, { conf }).json).toMatchObject({
        code: 7,
        msg: expect.stringContaining(`${path}: `),
      });
    expect(node.sh("ip -br link | grep -c 'cni0\\|veth[0-9a-f]' || true").trim()).toBe("0");
    expect(call(node, "ADD", { conf: { ipam } })).toMatchObject({ exitCode: 0 });
  },
);

test.for([
  [
    "a route to it before",
    [
      { dst: "172.31.0.1/32", scope: 253 },
      { dst: "10.9.0.0/16", gw: "172.31.0.1" },
    ],
  ],
  ["no gateway, written as 0.0.0.0", [{ dst: "10.9.0.0/16", gw: "0.0.0.0" }]],
  ["the pod's own gateway", [{ dst: "10.9.0.0/16", gw: "10.1.2.1" }]],
])("ADD accepts and CHECK passes a route with %s", async ([, routes]) => {
  await using node = await createNode();
  const conf = { ipam: { ...ipam, routes } };
  const prevResult = attach(node, { conf });
  expect(node.sh("ip -n c1 route show 10.9.0.0/16")).not.toBe("");
  expect(call(node, "CHECK", { conf: { ...conf, prevResult } })).toMatchObject({ exitCode: 0 });
});

test("the node reaches pods whose gateway is a link-local address, and CHECK sees when it does not", async () => {
  await using node = await createNode();
  const conf = {
    ...GATEWAY,
    ipam: { type: "host-local", ranges: [[{ subnet: "fd20:5:333::/64", gateway: "fe80::1" }]] },
  };
  const prevResult = attach(node, { conf });
  const pod = prevResult.ips[0].address.replace("/64", "");
  expect(node.sh(`ping -6 -c1 -W2 ${pod}`)).toContain(" 0% packet loss");
  const checked = { ...conf, prevResult };
  expect(call(node, "CHECK", { conf: checked })).toMatchObject({ exitCode: 0 });
  node.sh("ip -6 route delete fd20:5:333::/64 dev cni0");
  expect(call(node, "CHECK", { conf: checked }).json).toMatchObject({
    code: 102,
    msg: expect.stringContaining("route to fd20:5:333::/64"),
  });
});

/** An ADD that fails once the bridge has its address: no kernel has the parameter. */
const REFUSED = { ...GATEWAY, ipam, sysctl: { "net.ipv4.conf.IFNAME.none": "1" } };

test("a failing ADD leaves the bridge without the gateway's address, so that another subnet can have it", async () => {
  await using node = await createNode();
  node.addPod("c1");
  expect(call(node, "ADD", { conf: REFUSED })).toMatchObject({ exitCode: 1 });
  expect(node.sh("ip -4 -br address show dev cni0")).not.toContain("10.1.2.1");
  expect(call(node, "ADD", { conf: { ipam: { ...ipam, subnet: "10.1.3.0/24" } } })).toMatchObject({
    exitCode: 0,
  });
});

test("a failing ADD leaves the bridge's addresses alone when other pods are on it", async () => {
  await using node = await createNode();
  attach(node, { conf: { ipam } });
  node.addPod("c2");
  expect(call(node, "ADD", { containerId: "c2", conf: REFUSED })).toMatchObject({ exitCode: 1 });
  expect(node.sh("ip netns exec c1 ping -c1 -W2 10.1.2.1")).toContain(" 0% packet loss");
});
