/** Host ports: from where they are reached, over what, and with which source address. */

import { expect, test } from "vitest";
import { attach } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, GATEWAY6, MYNET, mapped, OTHERNET, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, OUTSIDE6, World } from "../../support/traffic/traffic-world.ts";

const protocols = ["tcp", "udp", "sctp"];

/** Where a packet comes from, where to, and the source address that the pod `c1` sees. */
const flows = [
  { from: "outside", name: "outside", to: NODE4, sees: OUTSIDE4 },
  { from: "outside", name: "outside", to: NODE6, sees: OUTSIDE6 },
  { from: "node", name: "the node by its address", to: NODE4, sees: NODE4 },
  { from: "node", name: "the node by its address", to: NODE6, sees: NODE6 },
  { from: "node", name: "the node by the bridge's address", to: GATEWAY4, sees: GATEWAY4 },
  { from: "node", name: "the node by the bridge's address", to: GATEWAY6, sees: GATEWAY6 },
  { from: "node", name: "the node by loopback", to: "127.0.0.1", sees: GATEWAY4 },
  { from: "c1", name: "the pod itself", to: NODE4, sees: GATEWAY4 },
  { from: "c1", name: "the pod itself", to: NODE6, sees: GATEWAY6 },
  { from: "c1", name: "the pod itself by its gateway", to: GATEWAY4, sees: GATEWAY4 },
  { from: "c1", name: "the pod itself by its gateway", to: GATEWAY6, sees: GATEWAY6 },
  { from: "c2", name: "a pod of the same bridge", to: NODE4, sees: GATEWAY4 },
  { from: "c2", name: "a pod of the same bridge", to: NODE6, sees: GATEWAY6 },
  { from: "c3", name: "a pod of another bridge", to: NODE4, sees: "10.2.0.2" },
  { from: "c3", name: "a pod of another bridge", to: NODE6, sees: "fd00:2::2" },
  { from: "c3", name: "a pod of another bridge by the other's gateway", to: GATEWAY4, sees: "10.2.0.2" },
];

/** Pod `c1` behind port 8080; `c2` on its bridge, `c3` on another. */
async function worldWithPods(fields: object = {}): Promise<World> {
  const world = await World.create();
  const ports = protocols.map((protocol) => ({ ...WEB, protocol }));
  attach(world.node, { conf: mapped(ports, { ...MYNET, ...fields }) });
  attach(world.node, { conf: MYNET, containerId: "c2" });
  attach(world.node, { conf: { ...OTHERNET, isDefaultGateway: true }, containerId: "c3" });
  await world.serve("c1", ...protocols.map((protocol) => `${protocol} 80`));
  return world;
}

test.for(flows)("ADD() makes the host port answer $name at $to", async ({ from, to, sees }) => {
  await using world = await worldWithPods();
  const seen = protocols.map((protocol) => world.connect(from, `${protocol} ${to} 8080`));
  expect(seen).toEqual(protocols.map(() => `c1 ${sees}`));
});

const all = flows.filter(({ name }) => !name.includes("by "));

test.for(all)("ADD() gives $name the bridge's address at $to when masqAll is true", async ({ from, to }) => {
  await using world = await worldWithPods({ masqAll: true });
  const seen = protocols.map((protocol) => world.connect(from, `${protocol} ${to} 8080`));
  const source = to.includes(":") ? GATEWAY6 : GATEWAY4;
  expect(seen).toEqual(protocols.map(() => `c1 ${source}`));
});

/** Where a node's resolver and its DNS cache listen, and what loopback cannot lead from. */
const LEFT_ALONE = ["127.0.0.53", "127.1.2.3", "169.254.20.10", "::1"];

test.for(LEFT_ALONE)("ADD() leaves the node's own listener at %s alone", async (address) => {
  await using world = await worldWithPods();
  world.node.sh("ip address add 169.254.20.10/32 dev lo");
  expect(world.connect("node", `tcp ${address} 8080`, IN_VAIN)).toBe("no answer: ECONNREFUSED");
  await world.serve("node", `tcp ${address} 8080`, `udp ${address} 8080`);
  for (const protocol of ["tcp", "udp"])
    expect(world.connect("node", `${protocol} ${address} 8080`)).toMatch(/^node /);
});

test("ADD() takes an address of loopback and a link-local one when hostIP names them", async () => {
  await using world = await World.create();
  world.node.sh("ip address add 169.254.20.10/32 dev lo");
  const ports = ["127.0.0.53", "169.254.20.10"].map((hostIP) => ({ ...WEB, hostIP }));
  attach(world.node, { conf: mapped(ports, MYNET) });
  await world.serve("c1");
  for (const { hostIP } of ports) expect(world.connect("node", `tcp ${hostIP} 8080`)).toMatch(/^c1 /);
});

/** Addresses of Services that the node has: on an interface, and by a route. */
const SERVICES = ["10.96.0.1", "10.97.5.5", "fd96::1"];
const WITH_SERVICES =
  "ip address add 10.96.0.1/32 dev lo; ip route add local 10.97.0.0/16 dev lo; ip address add fd96::1/128 dev lo nodad";

test("ADD() leaves what hostPortExclude names to the node, and takes the rest", async () => {
  await using world = await worldWithPods({ hostPortExclude: ["10.96.0.0/12", "fd96::1"] });
  world.node.sh(WITH_SERVICES);
  for (const service of SERVICES) {
    expect(world.connect("node", `tcp ${service} 8080`, IN_VAIN)).toBe("no answer: ECONNREFUSED");
    await world.serve("node", `tcp ${service} 8080`);
    for (const from of ["node", "c2"]) expect(world.connect(from, `tcp ${service} 8080`)).toMatch(/^node /);
  }
  for (const to of [NODE4, NODE6]) expect(world.connect("outside", `tcp ${to} 8080`)).toMatch(/^c1 /);
  expect(world.connect("node", "tcp 127.0.0.1 8080")).toMatch(/^c1 /);
  expect(world.connect("node", "tcp 127.0.0.53 8080", IN_VAIN)).toBe("no answer: ECONNREFUSED");
});

test("ADD() takes an address that hostPortExclude names when hostIP names it too, and leaves 127.0.0.1 when it says so", async () => {
  await using world = await World.create();
  world.node.sh(WITH_SERVICES);
  const ports = [
    { ...WEB, hostIP: "10.96.0.1" },
    { ...WEB, hostPort: 8081 },
  ];
  attach(world.node, { conf: { ...mapped(ports, MYNET), hostPortExclude: ["10.96.0.0/12", "127.0.0.0/8"] } });
  await world.serve("c1");
  expect(world.connect("node", "tcp 10.96.0.1 8080")).toMatch(/^c1 /);
  expect(world.connect("node", "tcp 127.0.0.1 8081", IN_VAIN)).toBe("no answer: ECONNREFUSED");
  expect(world.connect("outside", `tcp ${NODE4} 8081`)).toMatch(/^c1 /);
});

const kept = [
  { from: "outside", to: NODE4, sees: OUTSIDE4 },
  { from: "outside", to: NODE6, sees: OUTSIDE6 },
  { from: "node", to: NODE4, sees: NODE4 },
  { from: "c3", to: NODE6, sees: "fd00:2::2" },
];

test.for(kept)("ADD() keeps the source of $from at $to when snat is false", async ({ from, to, sees }) => {
  await using world = await worldWithPods({ snat: false });
  expect(world.connect(from, `tcp ${to} 8080`)).toBe(`c1 ${sees}`);
});

test("ADD() makes loopback of the node answer nothing when snat is false", async () => {
  await using world = await worldWithPods({ snat: false });
  expect(world.connect("node", "tcp 127.0.0.1 8080", IN_VAIN)).toMatch(/^no answer/);
});

test.for(["c1", "c2"])(
  "ADD() makes the host port answer %s when bridges call the filter and reflect",
  async (from) => {
    await using world = await worldWithPods({ hairpinMode: true });
    world.filterBridges(true);
    const seen = [NODE4, NODE6].map((to) => world.connect(from, `tcp ${to} 8080`));
    const sources = from === "c1" ? [GATEWAY4, GATEWAY6] : ["10.1.0.3", "fd00:1::3"];
    expect(seen).toEqual(sources.map((source) => `c1 ${source}`));
  },
);

const unreflected = [
  { name: "bridges call the filter and do not reflect", filters: true, fields: {} },
  {
    name: "bridges call the filter and snat is false",
    filters: true,
    fields: { hairpinMode: true, snat: false },
  },
  { name: "its pods are isolated", filters: false, fields: { hairpinMode: true, ingressPolicy: "isolated" } },
];

test.for(unreflected)("ADD() makes the host port no answer to the pod itself when $name", async (row) => {
  await using world = await worldWithPods(row.fields);
  world.filterBridges(row.filters);
  const seen = [NODE4, NODE6].map((to) => world.connect("c1", `tcp ${to} 8080`, IN_VAIN));
  expect(seen).toEqual([NODE4, NODE6].map(() => expect.stringMatching(/^no answer/)));
  expect(world.connect("outside", `tcp ${NODE4} 8080`)).toMatch(/^c1 /);
});

test("ADD() keeps the source of a pod of the same bridge when bridges call the filter", async () => {
  await using world = await worldWithPods();
  world.filterBridges(true);
  const seen = [NODE4, NODE6].map((to) => world.connect("c2", `tcp ${to} 8080`));
  expect(seen).toEqual(["c1 10.1.0.3", "c1 fd00:1::3"]);
});

const masqueraded = [
  { to: NODE4, sees: GATEWAY4 },
  { to: NODE6, sees: GATEWAY6 },
];

test.for(masqueraded)(
  "ADD() makes the host port answer at $to when every network masquerades",
  async (row) => {
    await using world = await World.create();
    attach(world.node, { conf: mapped([WEB], { ...MYNET, ipMasq: true }) });
    attach(world.node, { conf: { ...MYNET, ipMasq: true }, containerId: "c2" });
    const other = { ...OTHERNET, isDefaultGateway: true, ipMasq: true };
    attach(world.node, { conf: other, containerId: "c3" });
    await world.serve("c1");
    const seen = ["c1", "c2", "c3"].map((from) => world.connect(from, `tcp ${row.to} 8080`));
    expect(seen).toEqual(["c1", "c2", "c3"].map(() => `c1 ${row.sees}`));
  },
);

const elsewhere = ["c2", "node"];

test.for(elsewhere)("ADD() leaves traffic of %s alone that goes to the same port elsewhere", async (from) => {
  await using world = await World.create();
  attach(world.node, { conf: mapped([WEB], { ...MYNET, ipMasq: true }) });
  attach(world.node, { conf: { ...MYNET, ipMasq: true }, containerId: "c2" });
  await world.serve("c1");
  await world.serve("outside", "tcp 8080");
  const seen = [OUTSIDE4, OUTSIDE6].map((to) => world.connect(from, `tcp ${to} 8080`));
  expect(seen).toEqual([`outside ${NODE4}`, `outside ${NODE6}`]);
});

test("ADD() leaves the node's other ports to the node", async () => {
  await using world = await worldWithPods();
  await world.serve("node", "tcp 8081");
  expect(world.connect("outside", `tcp ${NODE4} 8081`)).toBe(`node ${OUTSIDE4}`);
});
