/** `podwire trace` where packets get through: it says so, by which way, and they do. */

import { expect, test } from "vitest";
import { podwire } from "../../support/node/commands.ts";
import { ADDRESSES, answers, FAMILIES, hopAt, trace, tracedWorld } from "../../support/traffic/trace.ts";
import { GATEWAY4, GATEWAY6 } from "../../support/traffic/traffic-networks.ts";
import { NODE4, NODE6 } from "../../support/traffic/traffic-world.ts";

const WAYS = [
  {
    name: "a pod of its bridge",
    from: "c1",
    to: "c2",
    outcome: "arrives",
    at: ["bridge", "target", "reply"],
  },
  {
    name: "a pod of another bridge",
    from: "c1",
    to: "c3",
    outcome: "arrives",
    at: ["node", "target", "reply"],
  },
  { name: "its gateway", from: "c1", to: "gateway", outcome: "arrives", at: ["bridge", "node", "reply"] },
  { name: "the node's address", from: "c1", to: "node", outcome: "arrives", at: ["bridge", "node", "reply"] },
  {
    name: "a host outside",
    from: "c1",
    to: "outside",
    outcome: "leaves",
    at: ["node", "masquerade", "uplink"],
  },
  { name: "itself", from: "c1", to: "c1", outcome: "arrives", at: ["route"] },
] as const;

const BOTH = WAYS.flatMap((way) => FAMILIES.map((family) => ({ ...way, family })));

test.for(BOTH)("trace says that a packet reaches $name over $family when it does", async (row) => {
  await using world = await tracedWorld();
  world.node.sh("ip -n c1 link set lo up");
  const address = ADDRESSES[row.to]?.[row.family] ?? "";
  const traced = trace(world.node, `${row.from} ${address}`);
  expect(traced).toMatchObject({ exitCode: 0, outcome: row.outcome });
  expect(traced.hops.map(({ level }) => level)).toEqual(traced.hops.map(() => "ok"));
  expect(traced.hops.map(({ at }) => at)).toEqual(expect.arrayContaining([...row.at]));
  expect(answers(world, row.from, `${address} 80`, true)).toBe(true);
});

const SENDERS = [
  { name: "its network is masqueraded", fields: { ipMasq: true }, ip: NODE4, ip6: NODE6 },
  {
    name: "the destination is excluded from masquerade",
    fields: { ipMasq: true, ipMasqExclude: ["192.168.50.0/30", "fd50::2"] },
    ip: "10.1.0.2",
    ip6: "fd00:1::2",
  },
  { name: "its network is not masqueraded", fields: {}, ip: "10.1.0.2", ip6: "fd00:1::2" },
  {
    name: "others are excluded from masquerade",
    fields: { ipMasq: true, ipMasqExclude: ["192.168.50.4/30", "fd50::4/126"] },
    ip: NODE4,
    ip6: NODE6,
  },
];

test.for(SENDERS)("trace names the sender that a host outside sees when $name", async (row) => {
  await using world = await tracedWorld(row.fields);
  for (const family of FAMILIES) {
    const address = ADDRESSES.outside?.[family] ?? "";
    const { text = "" } = hopAt(trace(world.node, `c1 ${address}`), "masquerade") ?? {};
    expect(text).toContain(
      row[family] === ADDRESSES.c1?.[family]
        ? `${row[family]} stays`
        : `becomes the node's address ${row[family]},`,
    );
    expect(world.connect("c1", `tcp ${address} 80`)).toBe(`outside ${row[family]}`);
  }
});

test("trace names the sender by the next hop's network when the uplink has several addresses", async () => {
  await using world = await tracedWorld({ ipMasq: true });
  world.node.sh(
    "ip address flush dev eth0; ip address add 192.168.77.1/24 dev eth0; ip address add 192.168.50.1/24 dev eth0",
  );
  const { text = "" } = hopAt(trace(world.node, "c1 192.168.50.2"), "masquerade") ?? {};
  expect(text).toContain("becomes the node's address 192.168.50.1,");
  expect(world.connect("c1", "tcp 192.168.50.2 80")).toBe("outside 192.168.50.1");
});

const HOST_PORTS = [
  { name: "the pod behind it", from: "c2", sees: [GATEWAY4, GATEWAY6] },
  { name: "a pod of its bridge", from: "c1", sees: [GATEWAY4, GATEWAY6] },
  { name: "a pod of another bridge", from: "c3", sees: ["10.2.0.2", "fd00:2::2"] },
];

test.for(HOST_PORTS)(
  "trace follows a host port to its pod when $name asks for it",
  async ({ from, sees }) => {
    await using world = await tracedWorld();
    for (const [index, family] of FAMILIES.entries()) {
      const address = ADDRESSES.node?.[family] ?? "";
      const pod = ADDRESSES.c2?.[family];
      const traced = trace(world.node, `${from} ${address} --port 8080/tcp`);
      expect(traced).toMatchObject({ exitCode: 0, outcome: "arrives" });
      expect(hopAt(traced, "hostport")?.text).toContain(
        `becomes ${pod} port 80/tcp, by element { tcp . 8080 }`,
      );
      expect(hopAt(traced, "reply")?.text).toContain(`answers ${sees[index]} `);
      expect(world.connect(from, `tcp ${address} 8080`)).toBe(`c2 ${sees[index]}`);
    }
  },
);

test("trace leads to the node itself when the destination is excluded from host ports, and to the pod by others", async () => {
  await using world = await tracedWorld({ hostPortExclude: [`${NODE4}/32`, NODE6] });
  for (const family of FAMILIES) {
    const [own, gateway] = [ADDRESSES.node?.[family] ?? "", ADDRESSES.gateway?.[family] ?? ""];
    const excluded = trace(world.node, `c1 ${own} --port 8080/tcp`);
    expect(hopAt(excluded, "hostport")).toMatchObject({
      level: "ok",
      text: expect.stringContaining(
        `${own} port 8080/tcp stays the node's (hostPortExclude), by element { tcp . 8080 }`,
      ),
    });
    expect(hopAt(excluded, "node")?.text).toContain(`${own} is the node itself`);
    expect(hopAt(excluded, "listener")?.text).toBe("nobody listens at port 8080/tcp of the node");
    expect(answers(world, "c1", `${own} 8080`, false)).toBe(false);
    expect(trace(world.node, `c1 ${gateway} --port 8080/tcp`)).toMatchObject({
      exitCode: 0,
      outcome: "arrives",
    });
    expect(world.connect("c1", `tcp ${gateway} 8080`)).toMatch(/^c2 /);
  }
});

test("trace goes through a host port of a pod on the same bridge when that is guarded", async () => {
  await using world = await tracedWorld({ ingressPolicy: "same-bridge" });
  expect(trace(world.node, `c1 ${NODE4} --port 8080`)).toMatchObject({ exitCode: 0, outcome: "arrives" });
  expect(answers(world, "c1", `${NODE4} 8080`, true)).toBe(true);
});

test("trace says that nobody listens when a port of the node leads nowhere", async () => {
  await using world = await tracedWorld();
  const traced = trace(world.node, `c1 ${NODE4} --port 8081`);
  expect(hopAt(traced, "listener")).toMatchObject({
    level: "warning",
    text: "nobody listens at port 8081/tcp of the node",
  });
  expect(answers(world, "c1", `${NODE4} 8081`, true)).toBe(false);
});

test.for(["tcp 80", "udp 53"])("trace finds the listener in a pod when one takes %s", async (endpoint) => {
  await using world = await tracedWorld();
  await world.serve("c3", "udp 53");
  const [protocol, port] = endpoint.split(" ");
  const listeners = ["c3", "c2"].map(
    (to) => hopAt(trace(world.node, `c1 ${ADDRESSES[to]?.ip} -p ${port}/${protocol}`), "listener")?.level,
  );
  expect(listeners).toEqual(["ok", endpoint === "tcp 80" ? "ok" : "warning"]);
});

test("trace takes an address outside of the pod's family when none is given", async () => {
  await using world = await tracedWorld({}, { ipam: { type: "host-local", subnet: "fd00:2::/64" } });
  const print = (pod: string) => trace(world.node, pod).hops.find(({ at }) => at === "route")?.text;
  expect([print("c1"), print("c3")]).toEqual([
    "192.0.2.1 is reached by 10.1.0.1 on eth0 (table main), from 10.1.0.2",
    "2001:db8::1 is reached by fd00:2::1 on eth0 (table main), from fd00:2::2",
  ]);
});

test.for(["224.0.0.5", "255.255.255.255", "10.1.255.255", "ff02::1"])(
  "trace names the ports that get a copy when %s is for many",
  async (address) => {
    await using world = await tracedWorld();
    const [{ ifname: port }] = world.node
      .json("ip -j link show type veth")
      .filter(({ ifalias = "" }: { ifalias?: string }) => ifalias.includes("/c2/"));
    const traced = trace(world.node, `c1 ${address}`);
    expect(traced).toMatchObject({ exitCode: 0, outcome: "arrives" });
    expect(traced.last.text).toBe(`${address} is for many: cni0 gives it to the node and ${port}`);
  },
);

test("trace names rates when both directions of the two pods are limited", async () => {
  await using world = await tracedWorld({ egressRate: 2_000_000, ingressRate: 3_500_000 });
  const { hops } = trace(world.node, "c1 10.1.0.3");
  expect(hops.filter(({ at }) => at === "limit").map(({ text }) => text.split(" by ")[0])).toEqual([
    "at most 2Mbit/s",
    "at most 3500kbit/s",
  ]);
});

test.for([
  [
    "c1 bogus",
    2,
    'error: "bogus" is no address\n  want an IPv4 or IPv6 address; podwire attachments shows those of pods\n',
  ],
  ["c1 --port x", 2, "error: --port x: want a port and one of tcp, udp, sctp\n  like 80/tcp\n"],
  ["nix", 1, 'error: no attachment is called "nix"\n  podwire attachments lists what there is\n'],
] as const)("trace %s ends with status %i and says what is wrong", async ([line, exitCode, stderr]) => {
  await using world = await tracedWorld();
  expect(podwire(world.node, `trace ${line}`)).toEqual({ exitCode, stdout: "", stderr });
});

test("trace prints a line for each hop and how it ends when it is for people", async () => {
  await using world = await tracedWorld();
  world.node.sh("sysctl -qw net.ipv4.ip_forward=0");
  const { stdout } = podwire(world.node, "trace c1 10.2.0.2 -p 80");
  expect(stdout.split("\n")).toEqual([
    "c1 to 10.2.0.2 port 80/tcp",
    "",
    "✓ pod        eth0 of c1 is up with 10.1.0.2/16, MTU 1500",
    "✓ route      10.2.0.2 is reached by 10.1.0.1 on eth0 (table main), from 10.1.0.2",
    "✓ neighbour  c1 does not know 10.1.0.1 yet and will ask",
    expect.stringMatching(/^✓ port {7}veth\w+ is up, a forwarding port of cni0$/),
    "✓ bridge     cni0 hands it to the node, at cni0",
    "✗ node       the node does not forward IPv4 packets that come in by cni0",
    "             sysctl -w net.ipv4.ip_forward=1",
    "  it is stopped here",
    "",
  ]);
});

test("trace warns of the MTU when the way out is narrower than the pod", async () => {
  await using world = await tracedWorld();
  world.node.sh("ip link set eth0 mtu 1400");
  expect(hopAt(trace(world.node, "c1 192.168.50.2"), "mtu")).toMatchObject({
    level: "warning",
    text: expect.stringContaining("the pod's MTU is 1500, that of eth0 1400"),
  });
});
