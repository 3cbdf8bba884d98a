/** Masquerade: where the traffic of a pod leaves with the node's address, and where with its own. */

import { expect, test } from "vitest";
import { attach } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, GATEWAY6, MYNET, OTHERNET, POD4, POD6 } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const conf = { ...MYNET, ipMasq: true };

const families = [
  { family: "IPv4", target: OUTSIDE4, source: NODE4 },
  { family: "IPv6", target: OUTSIDE6, source: NODE6 },
];
const protocols = ["tcp", "udp", "sctp"];
const flows = families.flatMap((family) => protocols.map((protocol) => ({ ...family, protocol })));

test.for(flows)(
  "ADD() gives $protocol over $family the node's address when ipMasq is true",
  async ({ protocol, target, source }) => {
    await using world = await World.create();
    attach(world.node, { conf });
    await world.serve("outside", `${protocol} 80`);
    expect(world.connect("c1", `${protocol} ${target} 80`)).toBe(`outside ${source}`);
  },
);

test.for(families)("ADD() gives ping over $family an answer when ipMasq is true", async ({ target }) => {
  await using world = await World.create();
  attach(world.node, { conf });
  expect(world.node.sh(`ip netns exec c1 ping -n -c 1 -W 5 ${target}`)).toContain("1 received");
});

const silent = [
  { name: "absent", fields: {} },
  { name: "false", fields: { ipMasq: false } },
];

test.for(silent)("ADD() leaves the pod's address as it is when ipMasq is $name", async ({ fields }) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...MYNET, ...fields } });
  await world.serve("outside");
  const lost = world.connect("c1", `tcp ${OUTSIDE4} 80`, IN_VAIN);
  leadBack(world);
  const found = families.map(({ target }) => world.connect("c1", `tcp ${target} 80`));
  expect([lost, ...found]).toEqual(["no answer: timeout", `outside ${POD4}`, `outside ${POD6}`]);
});

/** Gives the host outside routes to the pods. */
function leadBack({ outside }: World): void {
  outside.sh(`ip route add 10.1.0.0/16 via ${NODE4}; ip route add fd00:1::/64 via ${NODE6}`);
}

const singles = [
  { family: "IPv4", subnet: "10.1.0.0/16", target: OUTSIDE4, source: NODE4 },
  { family: "IPv6", subnet: "fd00:1::/64", target: OUTSIDE6, source: NODE6 },
];

test.for(singles)("ADD() masquerades when the pod has $family alone", async ({ subnet, target, source }) => {
  await using world = await World.create();
  attach(world.node, { conf: { ...conf, ipam: { type: "host-local", subnet } } });
  await world.serve("outside");
  expect(world.connect("c1", `tcp ${target} 80`)).toBe(`outside ${source}`);
});

const own = [
  { family: "IPv4", target: "10.1.200.5", source: POD4 },
  { family: "IPv6", target: "fd00:1::c8:5", source: POD6 },
];

test.for(own)(
  "ADD() leaves the pod's address as it is when a part of its $family network is elsewhere",
  async ({ target, source }) => {
    await using world = await World.create();
    attach(world.node, { conf });
    await world.serve("outside");
    leadBack(world);
    world.outside.sh(`ip address add ${target} dev eth0 nodad || ip address add ${target} dev eth0`);
    const [via, length] = target.includes(":") ? [OUTSIDE6, 128] : [OUTSIDE4, 32];
    world.node.sh(`ip route add ${target}/${length} via ${via}`);
    const gateway = target.includes(":") ? GATEWAY6 : GATEWAY4;
    world.node.sh(`ip -n c1 route add ${target}/${length} via ${gateway}`);
    expect(world.connect("c1", `tcp ${target} 80`)).toBe(`outside ${source}`);
  },
);

const near = [
  { name: "another pod of the network over IPv4", place: "c2", target: "10.1.0.3", seen: `c2 ${POD4}` },
  { name: "another pod of the network over IPv6", place: "c2", target: "fd00:1::3", seen: `c2 ${POD6}` },
  { name: "the node over IPv4", place: "node", target: NODE4, seen: `node ${POD4}` },
  { name: "the node over IPv6", place: "node", target: NODE6, seen: `node ${POD6}` },
];

test.for(near)("ADD() leaves the pod's address as it is towards $name", async ({ place, target, seen }) => {
  await using world = await World.create();
  world.filterBridges(true);
  attach(world.node, { conf });
  attach(world.node, { conf, containerId: "c2" });
  await world.serve(place);
  expect(world.connect("c1", `tcp ${target} 80`)).toBe(seen);
});

const others = [
  { family: "IPv4", target: "10.2.0.2", seen: "c2 10.2.0.1" },
  { family: "IPv6", target: "fd00:2::2", seen: "c2 fd00:2::1" },
];

test.for(others)("ADD() masquerades towards a pod of another network over $family", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf });
  attach(world.node, { conf: { ...OTHERNET, isDefaultGateway: true }, containerId: "c2" });
  await world.serve("c2");
  expect(world.connect("c1", `tcp ${row.target} 80`)).toBe(row.seen);
});

const groups = [
  { family: "IPv4", group: "239.1.2.3", source: POD4 },
  { family: "IPv6", group: "ff0e::1:2:3", source: POD6 },
];

test.for(groups)("ADD() leaves $family multicast as it is when the node forwards it", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf });
  leadBack(world);
  await world.serve("outside", `udp ${row.group} 5000`);
  await world.forwardMulticast(row.source, row.group);
  const answer = world.connect("c1", `udp ${row.group} 5000`, { fromAddress: row.source });
  expect(answer).toBe(`outside ${row.source}`);
});

test.for(groups)("ADD() leaves $family multicast as it is when bridges call the filter", async (row) => {
  await using world = await World.create();
  attach(world.node, { conf });
  attach(world.node, { conf, containerId: "c2" });
  world.node.sh("ip link set cni0 type bridge mcast_snooping 0");
  world.filterBridges(true);
  await world.serve("c2", `udp ${row.group} 5000`);
  const answer = world.connect("c1", `udp ${row.group} 5000`, { fromAddress: row.source });
  expect(answer).toBe(`c2 ${row.source}`);
});

test("ADD() leaves traffic between pods alone when another plugin gives the addresses", async () => {
  await using world = await World.create();
  world.filterBridges(true);
  for (const [index, containerId] of ["c1", "c2"].entries()) {
    const addresses = [{ address: `10.1.0.${index + 2}/16`, gateway: GATEWAY4 }];
    attach(world.node, {
      conf: { ...conf, cniVersion: "1.0.0", ipam: { type: "static", addresses } },
      containerId,
    });
  }
  await world.serve("c2");
  await world.serve("outside");
  const seen = ["10.1.0.3", OUTSIDE4].map((target) => world.connect("c1", `tcp ${target} 80`));
  expect(seen).toEqual([`c2 ${POD4}`, `outside ${NODE4}`]);
});
