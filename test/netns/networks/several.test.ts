/** Several interfaces in one ADD: their order, routes and metrics, and a result in which each address finds its own. */

import { expect, test } from "vitest";
import { links, prefixesOf, routesOf } from "../../support/kernel/kernel.ts";
import { KINDS, Segment, segmentRemains } from "../../support/pod/segment.ts";

const THREE = [{ network: "dual" }, { network: "data" }, { network: "web" }];
const ADDRESSES = [["10.10.120.101/24", "fd00:120::1001/64"], ["10.10.130.11/24"], ["10.10.120.11/24"]];
const IFNAMES = ["eth0", "eth1", "eth2"];

/** `METRIC via GATEWAY dev IFNAME` of each default route, the kernel's choice first. */
function defaultsOf({ node }: Segment, family: 4 | 6): string[] {
  return routesOf(node, "c1", family)
    .filter(({ dst }) => dst === "default")
    .toSorted((a, b) => (a.metric ?? 0) - (b.metric ?? 0))
    .map(({ metric = 0, gateway, dev }) => `${metric} via ${gateway} dev ${dev}`);
}

/** The device of the route that the kernel takes to an address. */
function deviceTo({ node }: Segment, address: string): string {
  return node.json(`ip -n c1 -j route get ${address}`)[0].dev;
}

test.for(KINDS)(
  "ADD() gives eth0, eth1, eth2 in order when three networks by %s are wanted",
  async (kind) => {
    await using segment = await Segment.create(kind);
    segment.attach({ wishes: THREE });
    expect(IFNAMES.map((ifname) => prefixesOf(segment.node, ifname, "c1"))).toEqual(ADDRESSES);
    expect(links(segment.node, "c1").map(({ ifname }) => ifname)).toEqual(["lo", ...IFNAMES]);
  },
);

test("ADD() gives the first interface the runtime's name when that is another", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: THREE.slice(0, 2), ifname: "net7" });
  expect(links(segment.node, "c1").map(({ ifname }) => ifname)).toEqual(["lo", "net7", "eth1"]);
});

const versions = ["0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"];
const rows = KINDS.flatMap((kind) => versions.map((cniVersion) => ({ kind, cniVersion })));

test.for(rows)(
  "ADD() prints each address with its interface in version $cniVersion when there are three by $kind",
  async ({ kind, cniVersion }) => {
    await using segment = await Segment.create(kind);
    const result = segment.attach({ wishes: THREE, conf: { cniVersion } });
    const found = IFNAMES.map((ifname) =>
      result.ips
        .filter((ip: { interface: number }) => result.interfaces[ip.interface].name === ifname)
        .map((ip: { address: string }) => ip.address),
    );
    expect(found).toEqual(ADDRESSES);
    const inside = result.interfaces.filter(
      ({ sandbox }: { sandbox?: string }) => sandbox === "/run/netns/c1",
    );
    expect(inside.map(({ name }: { name: string }) => name)).toEqual(IFNAMES);
  },
);

test.for(KINDS)(
  "ADD() prints the kernel's MAC addresses and MTUs when two networks by %s are wanted",
  async (kind) => {
    await using segment = await Segment.create(kind);
    const { interfaces } = segment.attach({ wishes: THREE.slice(0, 2) });
    const known = [...links(segment.node), ...links(segment.node, "c1")];
    expect(interfaces.length).toBeGreaterThanOrEqual(2);
    for (const { name, mac, mtu } of interfaces)
      expect(known).toContainEqual(expect.objectContaining({ ifname: name, address: mac, mtu }));
  },
);

test.for(["0.1.0", "0.2.0"])(
  "ADD() prints the addresses of one network when the version is %s",
  async (cniVersion) => {
    await using segment = await Segment.create();
    const result = segment.attach({ wishes: [{ network: "dual" }], conf: { cniVersion } });
    expect(result).toMatchObject({
      cniVersion,
      ip4: {
        ip: "10.10.120.101/24",
        gateway: "10.10.120.1",
        routes: [{ dst: "0.0.0.0/0", gw: "10.10.120.1" }],
      },
      ip6: { ip: "fd00:120::1001/64", gateway: "fd00:120::1", routes: [{ dst: "::/0", gw: "fd00:120::1" }] },
    });
  },
);

test("ADD() leads to the world by the first interface when two have a gateway", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "web" }, { network: "dual" }] });
  const [first, second] = defaultsOf(segment, 4);
  expect(first).toBe("0 via 10.10.120.1 dev eth0");
  expect(second).toMatch(/via 10.10.120.1 dev eth1$/);
  expect(deviceTo(segment, "192.0.2.9")).toBe("eth0");
  expect(deviceTo(segment, "2001:db8::9")).toBe("eth1");
});

test("ADD() leads to the world by the interface with the lower metric when annotations have metrics", async () => {
  await using segment = await Segment.create();
  const wishes = [
    { network: "web", metric: 300 },
    { network: "dual", metric: 200 },
  ];
  segment.attach({ wishes });
  expect(defaultsOf(segment, 4)).toEqual(["200 via 10.10.120.1 dev eth1", "300 via 10.10.120.1 dev eth0"]);
  expect(deviceTo(segment, "192.0.2.9")).toBe("eth1");
});

test("ADD() leads to the world by the second interface when the first network is private", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "data" }, { network: "web" }] });
  await segment.serve("gateway");
  expect(segment.ask("c1", "192.0.2.9")).toBe("gateway 10.10.120.11");
  expect(segment.ask("c1", "10.10.130.1")).toBe("gateway 10.10.130.11");
});

test("ADD() prints the routes with their metrics when there are two", async () => {
  await using segment = await Segment.create();
  const { routes } = segment.attach({ wishes: [{ network: "web" }, { network: "web", metric: 7 }] });
  expect(routes).toEqual([
    { dst: "0.0.0.0/0", gw: "10.10.120.1" },
    { dst: "0.0.0.0/0", gw: "10.10.120.1", priority: 7 },
  ]);
});

test("ADD() gives two interfaces of one network when the pod wants it twice", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: [{ network: "web" }, { network: "web" }] });
  expect(["eth0", "eth1"].map((ifname) => prefixesOf(segment.node, ifname, "c1"))).toEqual([
    ["10.10.120.11/24"],
    ["10.10.120.12/24"],
  ]);
});

const WRONG = [
  { name: "its network has no address left", wish: { network: "tiny" }, code: 11 },
  { name: "its uplink is missing", wish: { network: "lost" }, code: 7 },
  { name: "its network is unknown", wish: { network: "nowhere" }, code: 7 },
];

test.for(KINDS.flatMap((kind) => WRONG.map((row) => ({ kind, ...row }))))(
  "ADD() takes the first interfaces by $kind back when the third fails, as $name",
  async ({ kind, wish, code }) => {
    await using segment = await Segment.create(kind);
    const tiny = { subnet: "10.9.0.0/24", start: "10.9.0.10", end: "10.9.0.10" };
    segment.put("networks/tiny.json", { ranges: [tiny], attach: { kind, uplink: "eth1" } });
    segment.put("networks/lost.json", { ranges: [tiny], attach: { kind, uplink: "eth9" } });
    segment.attach({ wishes: [{ network: "tiny" }], containerId: "c2" });
    const before = segmentRemains(segment);
    expect(segment.refuse({ wishes: [{ network: "web" }, { network: "data" }, wish] }).code).toBe(code);
    expect(segmentRemains(segment)).toEqual(before);
  },
);

test("ADD() takes the first interface back when the second's name is taken in the pod", async () => {
  await using segment = await Segment.create();
  segment.node.addPod("c1");
  segment.node.sh("ip -n c1 link add eth1 type bridge");
  const before = segmentRemains(segment);
  const { code, msg } = segment.refuse({ wishes: [{ network: "web" }, { network: "web" }] });
  expect(code).toBe(100);
  expect(msg).toContain('"eth1"');
  expect(segmentRemains(segment)).toEqual(before);
});

test("DEL() removes every interface of the ADD when it names the first", async () => {
  await using segment = await Segment.create();
  segment.attach({ wishes: THREE });
  expect(segment.call("DEL", { wishes: THREE })).toMatchObject({ exitCode: 0, stdout: "", stderr: "" });
  expect(segmentRemains(segment)).toEqual([]);
});
