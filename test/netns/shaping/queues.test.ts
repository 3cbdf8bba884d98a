/** Shaping: the queues that the kernel then has are those of the reference plugin for the same numbers. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { bucketAt, ifbsOf, type PrintedBucket, redirectsAt } from "../../support/kernel/queues.ts";
import { Node, REFERENCE_DIR } from "../../support/node/node.ts";
import { attach } from "../../support/pod/attachment.ts";
import { MYNET, OTHERNET } from "../../support/traffic/traffic-networks.ts";

const shaped = (bandwidth: object, network: object = MYNET) => ({ ...network, runtimeConfig: { bandwidth } });

/** Puts the reference's limits on the host's end of a pair of its own; gives that end and the ifb device. */
function shapeByReference(node: Node, bandwidth: object): { port: string; ifb: string } {
  node.sh("ip netns add ref; ip link add vref type veth peer name eth0 netns ref; ip link set vref up");
  const interfaces = [
    { name: "vref", mac: "02:00:00:00:00:01" },
    { name: "eth0", sandbox: "/run/netns/ref" },
  ];
  const prevResult = { cniVersion: "1.0.0", interfaces, ips: [] };
  const { exitCode, stdout, json } = node.cni({
    command: "ADD",
    plugin: `${REFERENCE_DIR}/bandwidth`,
    conf: { cniVersion: "1.0.0", name: "ref", type: "bandwidth", runtimeConfig: { bandwidth }, prevResult },
    containerId: "ref",
    netns: "/run/netns/ref",
    ifname: "eth0",
  });
  if (exitCode !== 0) throw new Error(stdout);
  return { port: "vref", ifb: json.interfaces[2].name };
}

const K = 1000;
const M = K * K;
const numbers = [
  { rate: 8 * K, burst: 16 * K },
  { rate: M, burst: 256 * K },
  { rate: 10 * M, burst: 800 * K },
  { rate: 123_456_789, burst: 7_654_321 },
  { rate: 1000 * M, burst: 4 * M },
  { rate: 10_000 * M, burst: 64 * M },
  { rate: 30_000 * M, burst: 512 * M },
  { rate: 20 * M, burst: 4_294_967_288 },
];

test.for(numbers)("ADD() makes the reference's queues when $rate bit/s may burst $burst bit", async (row) => {
  await using node = await Node.create();
  const { rate, burst } = row;
  const bandwidth = { ingressRate: rate, ingressBurst: burst, egressRate: rate, egressBurst: burst };
  const theirs = shapeByReference(node, bandwidth);
  const { interfaces } = attach(node, { conf: shaped(bandwidth) });
  const [port, ifb] = [interfaces[1].name, interfaces[3].name];
  expectSame(bucketAt(node, port), bucketAt(node, theirs.port));
  expectSame(bucketAt(node, ifb), bucketAt(node, theirs.ifb));
});

/** The reference rounds the burst to what a microsecond lets through. */
function expectSame(ours: PrintedBucket | undefined, theirs: PrintedBucket | undefined): void {
  expect(theirs).toBeDefined();
  expect([ours?.rate, ours?.limit]).toEqual([theirs?.rate, theirs?.limit]);
  const difference = Math.abs((ours?.burst ?? 0) - (theirs?.burst ?? 0));
  expect(difference).toBeLessThanOrEqual((theirs?.rate ?? 0) / 1e6 + 1);
}

test("ADD() keeps the burst when the rate is beyond what the reference counts", async () => {
  await using node = await Node.create();
  const bandwidth = { ingressRate: 40_000 * M, ingressBurst: 512 * M };
  const { interfaces } = attach(node, { conf: shaped(bandwidth) });
  const { rate = 0, burst = 0, limit } = bucketAt(node, interfaces[1].name) ?? {};
  expect([rate, limit]).toEqual([5_000_000_000, 189_000_000]);
  expect(Math.abs(burst - 64_000_000)).toBeLessThanOrEqual(rate / 1e6);
});

test("ADD() leads all that the pod sends through the ifb as the reference does", async () => {
  await using node = await Node.create();
  const bandwidth = { egressRate: 10 * M, egressBurst: M };
  const theirs = shapeByReference(node, bandwidth);
  const { interfaces } = attach(node, { conf: shaped(bandwidth) });
  const everything = { protocol: "all", mask: "0" };
  expect(redirectsAt(node, theirs.port)[0]).toEqual({ to: theirs.ifb, ...everything });
  expect(redirectsAt(node, interfaces[1].name)).toEqual([{ to: interfaces[3].name, ...everything }]);
});

test("ADD() tells of the ifb as its fourth interface when there is an egress rate", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: shaped({ ingressRate: M, egressRate: M }) });
  const { ifname, address, flags } = linkOf(node, interfaces[3].name);
  expect(interfaces).toHaveLength(4);
  expect(interfaces[3]).toMatchObject({ name: ifname, mac: address });
  expect(interfaces[3].sandbox).toBeUndefined();
  expect(ifbsOf(node)).toEqual([ifname]);
  expect(flags).toContain("UP");
});

test.for([
  { name: "there is an ingress rate alone", bandwidth: { ingressRate: M } },
  { name: "both rates are 0", bandwidth: { ingressRate: 0, egressRate: 0 } },
  { name: "there are no rates", bandwidth: {} },
])("ADD() makes no ifb and tells of three interfaces when $name", async ({ bandwidth }) => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: shaped(bandwidth) });
  expect(interfaces).toHaveLength(3);
  expect(ifbsOf(node)).toEqual([]);
  expect(redirectsAt(node, interfaces[1].name)).toEqual([]);
});

test("ADD() marks the ifb as the attachment's in its alias", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ egressRate: M }) });
  expect(ifbsOf(node).map((ifb) => linkOf(node, ifb).ifalias)).toEqual(["podwire mynet/c1/eth0"]);
});

test("ADD() gives the ifb the interface's MTU", async () => {
  await using node = await Node.create();
  attach(node, { conf: { ...shaped({ egressRate: M }), mtu: 1400 } });
  expect(ifbsOf(node).map((ifb) => linkOf(node, ifb).mtu)).toEqual([1400]);
});

test("ADD() gives each interface of a container an ifb of its own when several have egress rates", async () => {
  await using node = await Node.create();
  const first = attach(node, { conf: shaped({ egressRate: M }) }).interfaces;
  const second = attach(node, { conf: shaped({ egressRate: 2 * M }, OTHERNET), ifname: "eth1" }).interfaces;
  const third = attach(node, { conf: shaped({ egressRate: 3 * M }), ifname: "eth2" }).interfaces;
  const all = [first, second, third].map(([, port, , ifb]) => ({ port: port.name, ifb: ifb.name }));
  expect(all.map(({ port }) => redirectsAt(node, port).map(({ to }) => to))).toEqual(
    all.map(({ ifb }) => [ifb]),
  );
  expect(all.map(({ ifb }) => bucketAt(node, ifb)?.rate)).toEqual([125 * K, 250 * K, 375 * K]);
});

test("ADD() lets through a burst of ten milliseconds when only rates are given", async () => {
  await using node = await Node.create();
  const { interfaces } = attach(node, { conf: shaped({ ingressRate: 100 * M, egressRate: 1000 * M }) });
  const bursts = [interfaces[1].name, interfaces[3].name].map((name) => bucketAt(node, name)?.burst);
  expect(bursts).toEqual([125_000, 1_250_000]);
});
