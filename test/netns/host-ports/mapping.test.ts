/** Host ports: what one entry of the list may say, and which addresses of the node it then opens. */

import { expect, test } from "vitest";
import { elementsOf, ownersOf } from "../../support/kernel/traffic-rules.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, GATEWAY6, MYNET, mapped, ownerOf, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, World } from "../../support/traffic/traffic-world.ts";

const spellings = [
  { protocol: "tcp", entry: { hostPort: 8080, containerPort: 80, protocol: "tcp" } },
  { protocol: "tcp", entry: { hostPort: 8080, containerPort: 80, protocol: "TCP" } },
  { protocol: "tcp", entry: { hostPort: 8080, containerPort: 80 } },
  { protocol: "tcp", entry: { hostPort: 8080, containerPort: 80, protocol: "" } },
  { protocol: "tcp", entry: { HostPort: 8080, ContainerPort: 80, Protocol: "Tcp", HostIP: "" } },
  { protocol: "tcp", entry: { hostport: 8080, CONTAINERPORT: 80, hostip: "0.0.0.0" } },
  { protocol: "udp", entry: { hostPort: 8080, containerPort: 80, protocol: "udp" } },
  { protocol: "udp", entry: { hostPort: 8080, containerPort: 80, protocol: "UDP" } },
  { protocol: "sctp", entry: { hostPort: 8080, containerPort: 80, protocol: "SCTP" } },
  { protocol: "sctp", entry: { hostPort: 8080, containerPort: 80, protocol: "sCtP" } },
];

test.for(spellings)("ADD() opens a port over $protocol when it gets $entry", async ({ protocol, entry }) => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([entry]) });
  await world.serve("c1", `${protocol} 80`);
  expect(world.connect("outside", `${protocol} ${NODE4} 8080`)).toBe("c1 192.168.50.2");
});

test("ADD() opens a port over no other protocol than the one that is asked for", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  await world.serve("c1", "udp 80");
  await world.serve("node", "udp 8080");
  expect(world.connect("outside", `udp ${NODE4} 8080`)).toBe("node 192.168.50.2");
});

const TARGETS = { node4: NODE4, bridge4: GATEWAY4, loopback: "127.0.0.1", node6: NODE6, bridge6: GATEWAY6 };
const any = ["node4", "bridge4", "loopback", "node6", "bridge6"];

const hosts = [
  { name: "absent", fields: {}, open: any },
  { name: "empty", fields: { hostIP: "" }, open: any },
  { name: "null", fields: { hostIP: null }, open: any },
  { name: "0.0.0.0", fields: { hostIP: "0.0.0.0" }, open: ["node4", "bridge4", "loopback"] },
  { name: "::", fields: { hostIP: "::" }, open: ["node6", "bridge6"] },
  { name: "0:0:0:0:0:0:0:0", fields: { hostIP: "0:0:0:0:0:0:0:0" }, open: ["node6", "bridge6"] },
  { name: NODE4, fields: { hostIP: NODE4 }, open: ["node4"] },
  { name: NODE6, fields: { hostIP: NODE6 }, open: ["node6"] },
  { name: "fd50:0::0:1", fields: { hostIP: "fd50:0::0:1" }, open: ["node6"] },
  { name: "127.0.0.1", fields: { hostIP: "127.0.0.1" }, open: ["loopback"] },
];

test.for(hosts)("ADD() opens $open alone when hostIP is $name", async ({ fields, open }) => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([{ ...WEB, ...fields }]) });
  await world.serve("c1");
  const found = Object.entries(TARGETS).filter(([name, address]) =>
    world.connect("node", `tcp ${address} 8080`, open.includes(name) ? {} : IN_VAIN).startsWith("c1 "),
  );
  expect(found.map(([name]) => name)).toEqual(open);
});

const foreign = [
  { name: "IPv6", subnet: "10.1.0.0/16", hostIP: NODE6 },
  { name: "any IPv6", subnet: "10.1.0.0/16", hostIP: "::" },
  { name: "IPv4", subnet: "fd00:1::/64", hostIP: NODE4 },
  { name: "any IPv4", subnet: "fd00:1::/64", hostIP: "0.0.0.0" },
];

test.for(foreign)("ADD() ignores an entry when hostIP is $name and the pod has none", async (row) => {
  await using world = await World.create();
  const conf = { ...MYNET, ipam: { type: "host-local", subnet: row.subnet } };
  attach(world.node, { conf: mapped([{ ...WEB, hostIP: row.hostIP }], conf) });
  expect(elementsOf(world.node).filter(({ key }) => key.includes("8080"))).toEqual([]);
});

test("ADD() opens every entry of the list", async () => {
  await using world = await World.create();
  const ports = [
    WEB,
    { hostPort: 8081, containerPort: 80 },
    { hostPort: 53, containerPort: 5353, protocol: "udp" },
    { hostPort: 1, containerPort: 65535 },
    { hostPort: 65535, containerPort: 1 },
  ];
  attach(world.node, { conf: mapped(ports) });
  await world.serve("c1", "tcp 80", "udp 5353", "tcp 65535", "tcp 1");
  const targets = ["tcp 8080", "tcp 8081", "udp 53", "tcp 1", "tcp 65535"];
  const seen = targets.map((target) => world.connect("outside", target.replace(" ", ` ${NODE4} `)));
  expect(seen).toEqual(targets.map(() => "c1 192.168.50.2"));
});

test("ADD() leads to the pod's first address of each family when it has several", async () => {
  await using world = await World.create();
  const ranges = ["10.1.0.0/16", "10.3.0.0/16", "fd00:1::/64", "fd00:3::/64"].map((subnet) => [{ subnet }]);
  attach(world.node, { conf: mapped([WEB], { ...MYNET, ipam: { type: "host-local", ranges } }) });
  await world.serve("c1", "tcp 10.1.0.2 80", "tcp fd00:1::2 80");
  const seen = [NODE4, NODE6].map((to) => world.connect("outside", `tcp ${to} 8080`));
  expect(seen).toEqual(["c1 192.168.50.2", "c1 fd50::2"]);
});

test.for([{ portMappings: [] }, { portMappings: null }])(
  "ADD() opens nothing when it gets %j",
  async (given) => {
    await using world = await World.create();
    attach(world.node, { conf: { ...MYNET, runtimeConfig: given } });
    expect(ownersOf(world.node)).toEqual([]);
  },
);

test("ADD() opens the port on the node's later addresses too", async () => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB]) });
  await world.serve("c1");
  world.node.sh("ip address add 192.168.50.77/24 dev eth0");
  expect(world.connect("outside", "tcp 192.168.50.77 8080")).toBe("c1 192.168.50.2");
});

test("ADD() opens the port again when the attachment was removed and comes back", async () => {
  await using world = await World.create();
  const conf = mapped([WEB]);
  attach(world.node, { conf });
  call(world.node, "DEL", { conf });
  attach(world.node, { conf });
  await world.serve("c1");
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c1 192.168.50.2");
  expect(ownersOf(world.node)).toEqual([ownerOf()]);
});

test("ADD() leaves the port open when a second ADD of the attachment is refused", async () => {
  await using world = await World.create();
  const conf = mapped([WEB]);
  attach(world.node, { conf });
  const again = call(world.node, "ADD", { conf });
  await world.serve("c1");
  expect(again.exitCode).toBe(1);
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toBe("c1 192.168.50.2");
});
