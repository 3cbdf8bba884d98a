/** MTU of bridge and pair: named, or that of the interface which holds the default route. */

import { expect, test } from "vitest";
import { linkOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";

const UPLINK = "ip link add up0 mtu 1400 type veth peer name up1; ip link set up0 up; ip link set up1 up";
const V4 = "ip address add 192.0.2.2/24 dev up0; ip route add default via 192.0.2.1";
const V6 = "ip address add 2001:db8:9::2/64 dev up0 nodad; ip -6 route add default via 2001:db8:9::1";

const cases = [
  { name: "the default when there is no default route", setup: "true", conf: {}, mtu: 1500 },
  { name: "the uplink's when IPv4 has a default route", setup: `${UPLINK}; ${V4}`, conf: {}, mtu: 1400 },
  {
    name: "the uplink's when IPv6 alone has a default route",
    setup: `${UPLINK}; ${V6}`,
    conf: {},
    mtu: 1400,
  },
  { name: "the uplink's when mtu is 0", setup: `${UPLINK}; ${V4}`, conf: { mtu: 0 }, mtu: 1400 },
  {
    name: "the named one when there is an uplink",
    setup: `${UPLINK}; ${V4}`,
    conf: { mtu: 9000 },
    mtu: 9000,
  },
  { name: "the smallest when it is named", setup: "true", conf: { mtu: 68 }, mtu: 68 },
];

test.for(cases)("ADD() takes $name", async ({ setup, conf, mtu }) => {
  await using node = await Node.create();
  node.sh(setup);
  const { interfaces } = attach(node, { conf });
  const found = [linkOf(node, "cni0"), linkOf(node, interfaces[1].name), linkOf(node, "eth0", "c1")];
  expect(found.map((link) => link.mtu)).toEqual([mtu, mtu, mtu]);
});

test("ADD() takes the next hop's MTU when the default route has several", async () => {
  await using node = await Node.create();
  node.sh(`${UPLINK}; ip address add 192.0.2.2/24 dev up0`);
  node.sh("ip route add default nexthop via 192.0.2.1 nexthop via 192.0.2.9");
  attach(node);
  expect(linkOf(node, "eth0", "c1").mtu).toBe(1400);
});

const wrong = [67, -1, 65_536, 1500.5, "1500"];

test.for(wrong)("ADD() refuses with code 7 when mtu is %j", async (mtu) => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node, []);
  const added = call(node, "ADD", { conf: { mtu } });
  expect([added.exitCode, added.json.code]).toEqual([1, 7]);
  expect(added.json.msg).toMatch(/^mtu: /);
  expect(snapshot(node, [])).toEqual(before);
});
