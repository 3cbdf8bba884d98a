/** Host ports and connections that the kernel tracks: stale ones go with ADD and DEL, those of others stay. */

import { expect, test } from "vitest";
import { connectionsOf } from "../../support/kernel/traffic-rules.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { IN_VAIN } from "../../support/traffic/traffic.ts";
import { GATEWAY4, GATEWAY6, MYNET, mapped, WEB } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6, OUTSIDE4, World } from "../../support/traffic/traffic-world.ts";

const UDP = { ...WEB, protocol: "udp" };
const udp = mapped([UDP]);

/** `shown`: as /proc writes them; `pod`: the address of `c1`, which comes after `c0`. */
const families = [
  { family: "IPv4", to: NODE4, shown: NODE4, pod: "10.1.0.3", other: "10.1.0.2" },
  {
    family: "IPv6",
    to: NODE6,
    shown: "fd50:0000:0000:0000:0000:0000:0000:0001",
    pod: "fd00:0001:0000:0000:0000:0000:0000:0003",
    other: "fd00:0001:0000:0000:0000:0000:0000:0002",
  },
];

/** A node that tracks connections, for there is a pod that translates them. */
async function trackingWorld(): Promise<World> {
  const world = await World.create();
  attach(world.node, {
    conf: mapped([{ ...WEB, hostPort: 9 }], { ...MYNET, ipMasq: true }),
    containerId: "c0",
  });
  return world;
}

test.for(families)("ADD() gets a UDP client over $family that had sent before", async ({ to, shown }) => {
  await using world = await trackingWorld();
  await world.serve("node", "udp 8080");
  const same = { fromPort: 5555 };
  expect(world.connect("outside", `udp ${to} 8080`, same)).toMatch(/^node /);
  expect(connectionsOf(world.node, "udp", `dst=${shown}`, "dport=8080")).toHaveLength(1);
  attach(world.node, { conf: udp });
  await world.serve("c1", "udp 80");
  expect(world.connect("outside", `udp ${to} 8080`, same)).toMatch(/^c1 /);
});

test.for(families)(
  "DEL() lets go of a UDP client over $family that goes on sending",
  async ({ to, shown }) => {
    await using world = await trackingWorld();
    attach(world.node, { conf: udp });
    await world.serve("c1", "udp 80");
    const same = { fromPort: 5555 };
    expect(world.connect("outside", `udp ${to} 8080`, same)).toMatch(/^c1 /);
    call(world.node, "DEL", { conf: MYNET });
    expect(connectionsOf(world.node, "udp", `dst=${shown}`, "dport=8080")).toEqual([]);
    await world.serve("node", "udp 8080");
    expect(world.connect("outside", `udp ${to} 8080`, same)).toMatch(/^node /);
  },
);

test("ADD() leads a UDP client on to the next pod that has the port", async () => {
  await using world = await trackingWorld();
  const same = { fromPort: 5555 };
  for (const containerId of ["c1", "c2"]) {
    attach(world.node, { conf: udp, containerId });
    await world.serve(containerId, "udp 80");
    expect(world.connect("outside", `udp ${NODE4} 8080`, same)).toBe(`${containerId} 192.168.50.2`);
    call(world.node, "DEL", { conf: MYNET, containerId });
  }
});

test("ADD() leads a UDP client on when it takes the port over from a pod that is gone", async () => {
  await using world = await trackingWorld();
  const same = { fromPort: 5555 };
  attach(world.node, { conf: udp });
  const server = await world.serve("c1", "udp 80");
  expect(world.connect("outside", `udp ${NODE4} 8080`, same)).toMatch(/^c1 /);
  await server[Symbol.asyncDispose]();
  world.node.sh("ip netns del c1");
  attach(world.node, { conf: udp, containerId: "c2" });
  await world.serve("c2", "udp 80");
  expect(world.connect("outside", `udp ${NODE4} 8080`, same)).toMatch(/^c2 /);
});

const bystanders = [
  { name: "the same port elsewhere", target: `udp ${OUTSIDE4} 8080`, conf: udp },
  { name: "another port of the node", target: `udp ${NODE4} 8081`, conf: udp },
  { name: "the same port over TCP", target: `tcp ${NODE4} 8080`, conf: udp },
  {
    name: "another address of the node",
    target: `udp ${NODE4} 8080`,
    conf: mapped([{ ...UDP, hostIP: GATEWAY4 }]),
  },
];

test.for(bystanders)(
  "ADD() and DEL() let the connection stay that goes to $name",
  async ({ target, conf }) => {
    await using world = await trackingWorld();
    await world.serve("outside", "udp 8080");
    await world.serve("node", "udp 8080", "udp 8081", "tcp 8080");
    attach(world.node, { conf: { ...MYNET, ipMasq: true }, containerId: "c2" });
    world.connect("c2", target, { fromPort: 5555 });
    const own = () => connectionsOf(world.node, "sport=5555").map((line) => line.split(" src=")[1]);
    const before = own();
    attach(world.node, { conf });
    const during = own();
    call(world.node, "DEL", { conf: MYNET });
    expect([before.length, during, own()]).toEqual([1, before, before]);
  },
);

const ports = ["tcp", "sctp", "udp"].map((protocol) => ({ ...WEB, protocol }));

test.for(families)("DEL() forgets every connection to the pod over $family", async ({ to, pod }) => {
  await using world = await trackingWorld();
  attach(world.node, { conf: mapped(ports) });
  await world.serve("c1", ...ports.map(({ protocol }) => `${protocol} 80`));
  for (const { protocol } of ports) world.connect("outside", `${protocol} ${to} 8080`);
  const before = connectionsOf(world.node, `src=${pod} `).length;
  call(world.node, "DEL", { conf: MYNET });
  expect([before, connectionsOf(world.node, `src=${pod} `)]).toEqual([3, []]);
});

test.for(families)("DEL() lets the connections over $family to other pods stay", async ({ to, other }) => {
  await using world = await trackingWorld();
  attach(world.node, { conf: mapped(ports) });
  await world.serve("c0");
  world.connect("outside", `tcp ${to} 9`);
  call(world.node, "DEL", { conf: MYNET });
  expect(connectionsOf(world.node, "tcp", "dport=9 ", `src=${other} `)).toHaveLength(1);
});

test("DEL() forgets connections to the pod when its namespace is gone", async () => {
  await using world = await trackingWorld();
  attach(world.node, { conf: mapped(ports) });
  const server = await world.serve("c1");
  world.connect("outside", `tcp ${NODE4} 8080`);
  await server[Symbol.asyncDispose]();
  world.node.sh("ip netns del c1");
  call(world.node, "DEL", { conf: MYNET, netns: "" });
  expect(connectionsOf(world.node, "dport=8080")).toEqual([]);
});

test("ADD() lets a UDP connection to the bridge's own address stay when another port is mapped", async () => {
  await using world = await trackingWorld();
  await world.serve("node", "udp 7000");
  const targets = [GATEWAY4, GATEWAY6].map((address) => `udp ${address} 7000`);
  for (const target of targets) world.connect("c0", target, IN_VAIN);
  attach(world.node, { conf: udp });
  expect(connectionsOf(world.node, "udp", "dport=7000")).toHaveLength(2);
});

/** A network of Services that the node has by a local route, and one address of it on an interface. */
const SERVICES = "ip route add local 10.96.0.0/16 dev lo; ip address add 10.97.0.1/32 dev lo";

test.for([
  ["forgets", {}, /^c1 /, []],
  ["keeps", { hostPortExclude: ["10.96.0.0/12"] }, /^node /, ["10.96.0.10", "10.97.0.1"]],
] as const)("ADD() %s UDP connections to Services on the node", async ([, fields, seen, kept]) => {
  await using world = await trackingWorld();
  world.node.sh(SERVICES);
  world.outside.sh(`ip route add 10.96.0.0/12 via ${NODE4}`);
  await world.serve("node", "udp 10.96.0.10 8080", "udp 10.97.0.1 8080");
  const services = ["10.96.0.10", "10.97.0.1"];
  const connect = () => services.map((to) => world.connect("outside", `udp ${to} 8080`, { fromPort: 5555 }));
  expect(connect()).toEqual(services.map(() => expect.stringMatching(/^node /)));
  attach(world.node, { conf: { ...udp, ...fields } });
  const tracked = services.filter(
    (to) => connectionsOf(world.node, "udp", `dst=${to}`, "dport=8080").length > 0,
  );
  expect(tracked).toEqual(kept);
  await world.serve("c1", "udp 80");
  expect(connect()).toEqual(services.map(() => expect.stringMatching(seen)));
});
