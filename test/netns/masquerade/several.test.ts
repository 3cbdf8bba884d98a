/** Masquerade with several addresses, interfaces and networks: each has its own, and loses its own alone. */

import { expect, test } from "vitest";
import { ownersOf } from "../../support/kernel/traffic-rules.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { MYNET, OTHERNET, ownerOf } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const conf = { ...MYNET, ipMasq: true };

/** Its routes lead to the host outside alone, so that a second interface needs no default route. */
const other = {
  ...OTHERNET,
  ipMasq: true,
  ipam: { ...OTHERNET.ipam, routes: [{ dst: `${OUTSIDE4}/32` }, { dst: `${OUTSIDE6}/128` }] },
};

const subnets = ["10.1.0.0/16", "10.3.0.0/16", "fd00:1::/64", "fd00:3::/64"];
const addresses = [
  { address: "10.1.0.2", target: OUTSIDE4, source: NODE4 },
  { address: "10.3.0.2", target: OUTSIDE4, source: NODE4 },
  { address: "fd00:1::2", target: OUTSIDE6, source: NODE6 },
  { address: "fd00:3::2", target: OUTSIDE6, source: NODE6 },
];

test("ADD() masquerades every address when the pod has two of each family", async () => {
  await using world = await World.create();
  const ranges = subnets.map((subnet) => [{ subnet }]);
  attach(world.node, { conf: { ...conf, ipam: { type: "host-local", ranges } } });
  await world.serve("outside");
  const seen = addresses.map(({ address, target }) =>
    world.connect("c1", `tcp ${target} 80`, { fromAddress: address }),
  );
  expect(seen).toEqual(addresses.map(({ source }) => `outside ${source}`));
});

test("DEL() takes away what belongs to every address when the pod has two of each family", async () => {
  await using world = await World.create();
  const ranges = subnets.map((subnet) => [{ subnet }]);
  const four = { ...conf, ipam: { type: "host-local", ranges } };
  attach(world.node, { conf: four });
  const before = ownersOf(world.node);
  const done = call(world.node, "DEL", { conf: four });
  expect([before, done.exitCode, ownersOf(world.node)]).toEqual([[ownerOf()], 0, []]);
});

test("ADD() masquerades by the interface of the route when a container is on two networks", async () => {
  await using world = await World.create();
  attach(world.node, { conf });
  attach(world.node, { conf: other, ifname: "eth1" });
  await world.serve("outside");
  // The default route leads through eth0, the route to the host outside through eth1.
  world.outside.sh("ip address add 192.168.50.3/24 dev eth0");
  const seen = ["192.168.50.3", OUTSIDE4].map((target) => world.connect("c1", `tcp ${target} 80`));
  expect(seen).toEqual([`outside ${NODE4}`, `outside ${NODE4}`]);
});

const removals = [
  { gone: "eth1", conf: other, kept: "10.1.0.2", owner: ownerOf() },
  { gone: "eth0", conf, kept: "10.2.0.2", owner: ownerOf("c1", "othernet", "eth1") },
];

test.for(removals)("DEL() of $gone leaves the masquerade of the container's other network", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf });
  attach(world.node, { conf: other, ifname: "eth1" });
  await world.serve("outside");
  const done = call(world.node, "DEL", { conf: row.conf, ifname: row.gone });
  expect([done.exitCode, ownersOf(world.node)]).toEqual([0, [row.owner]]);
  const seen = world.connect("c1", `tcp ${OUTSIDE4} 80`, { fromAddress: row.kept });
  expect(seen).toBe(`outside ${NODE4}`);
});

const twins = [
  { gone: "eth1", left: "eth0", kept: "10.1.0.2" },
  { gone: "eth0", left: "eth1", kept: "10.1.0.3" },
];

test.for(twins)("DEL() of $gone leaves $left its masquerade when both are on one network", async (row) => {
  await using world = await World.create();
  const ipam = { type: "host-local", subnet: "10.1.0.0/16", routes: [{ dst: `${OUTSIDE4}/32` }] };
  const plain = { ipMasq: true, ipam };
  attach(world.node, { conf: plain });
  // The second interface has the same route; the kernel takes it with another metric.
  const metric = { ...plain, ipam: { ...ipam, routes: [{ dst: `${OUTSIDE4}/32`, priority: 7 }] } };
  attach(world.node, { conf: metric, ifname: "eth1" });
  await world.serve("outside");
  const done = call(world.node, "DEL", { conf: plain, ifname: row.gone });
  expect([done.exitCode, ownersOf(world.node)]).toEqual([0, [ownerOf("c1", "mynet", row.left)]]);
  const seen = world.connect("c1", `tcp ${OUTSIDE4} 80`, { fromAddress: row.kept });
  expect(seen).toBe(`outside ${NODE4}`);
});

test("DEL() leaves the masquerade of other pods", async () => {
  await using world = await World.create();
  for (const containerId of ["c1", "c2"]) attach(world.node, { conf, containerId });
  await world.serve("outside");
  call(world.node, "DEL", { conf });
  expect(ownersOf(world.node)).toEqual([ownerOf("c2")]);
  expect(world.connect("c2", `tcp ${OUTSIDE4} 80`)).toBe(`outside ${NODE4}`);
});

test("ADD() does not masquerade for a pod without ipMasq that gets a removed pod's address", async () => {
  await using world = await World.create();
  const one = { ...conf, ipam: { type: "host-local", subnet: "10.1.0.0/30" } };
  attach(world.node, { conf: one });
  call(world.node, "DEL", { conf: one });
  attach(world.node, { conf: { ...one, ipMasq: false }, containerId: "c2" });
  await world.serve("outside");
  expect(world.connect("c2", `tcp ${OUTSIDE4} 80`, IN_VAIN)).toBe("no answer: timeout");
});
