/** Shaping: TCP through a limited interface goes as fast as the limit, and all other TCP is not held up. */

import { expect, test } from "vitest";
import { Node } from "../../support/node/node.ts";
import { attach, DUAL_STACK } from "../../support/pod/attachment.ts";
import { type Flow, throughputOf, throughputsOf } from "../../support/traffic/throughput.ts";
import { GATEWAY4, GATEWAY6, MYNET, OTHERNET, POD4, POD6 } from "../../support/traffic/traffic-networks.ts";

const MBIT = 1_000_000;
/** Faster than any limit of these tests allows. */
const UNLIMITED = 100 * MBIT;

const shaped = (bandwidth: object, network: object = MYNET) => ({ ...network, runtimeConfig: { bandwidth } });

function expectRate(actual: number, limit: number): void {
  expect(actual).toBeGreaterThan(limit * 0.85);
  expect(actual).toBeLessThan(limit * 1.15);
}

const toPod: Flow = { from: "node", to: "c1", address: POD4 };
const fromPod: Flow = { from: "c1", to: "node", address: GATEWAY4 };

const limits = [
  { name: "with a burst", burst: { ingressBurst: 1_600_000, egressBurst: 800_000 } },
  { name: "without a burst", burst: {} },
];

test.for(limits)("ADD() limits both directions when they have rates $name", async ({ burst }) => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 20 * MBIT, egressRate: 10 * MBIT, ...burst }) });
  expectRate(await throughputOf(node, toPod), 20 * MBIT);
  expectRate(await throughputOf(node, fromPod), 10 * MBIT);
});

test("ADD() limits both directions of IPv6 when they have rates", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 20 * MBIT, egressRate: 10 * MBIT }) });
  expectRate(await throughputOf(node, { ...toPod, address: POD6 }), 20 * MBIT);
  expectRate(await throughputOf(node, { ...fromPod, address: GATEWAY6 }), 10 * MBIT);
});

const single = [
  { name: "ingress", rate: { ingressRate: 20 * MBIT }, limited: toPod, free: fromPod },
  { name: "egress", rate: { egressRate: 20 * MBIT }, limited: fromPod, free: toPod },
];

test.for(single)("ADD() limits one direction alone when only $name has a rate", async (row) => {
  await using node = await Node.create();
  attach(node, { conf: shaped(row.rate) });
  expectRate(await throughputOf(node, row.limited), 20 * MBIT);
  expect(await throughputOf(node, row.free)).toBeGreaterThan(UNLIMITED);
});

test("ADD() limits what goes between two pods when each has a limit of its own", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ egressRate: 40 * MBIT }) });
  attach(node, { conf: shaped({ ingressRate: 10 * MBIT }), containerId: "c2" });
  expectRate(await throughputOf(node, { from: "c1", to: "c2", address: "10.1.0.3" }), 10 * MBIT);
});

test("ADD() limits each pod by itself when several pods receive at once", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 20 * MBIT }) });
  attach(node, { conf: shaped({ ingressRate: 5 * MBIT }), containerId: "c2" });
  const [first = 0, second = 0] = await throughputsOf(node, [
    { from: "node", to: "c1", address: POD4 },
    { from: "node", to: "c2", address: "10.1.0.3" },
  ]);
  expectRate(first, 20 * MBIT);
  expectRate(second, 5 * MBIT);
});

test("ADD() leaves a pod without a rate alone when another one is limited", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 5 * MBIT, egressRate: 5 * MBIT }) });
  attach(node, { conf: MYNET, containerId: "c2" });
  const rates = [
    await throughputOf(node, { from: "node", to: "c2", address: "10.1.0.3" }),
    await throughputOf(node, { from: "c2", to: "node", address: GATEWAY4 }),
  ];
  for (const rate of rates) expect(rate).toBeGreaterThan(UNLIMITED);
});

test("ADD() limits each interface of a container by itself when there are several", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 20 * MBIT, egressRate: 5 * MBIT }) });
  const second = shaped({ ingressRate: 5 * MBIT, egressRate: 20 * MBIT }, OTHERNET);
  attach(node, { conf: second, ifname: "eth1" });
  expectRate(await throughputOf(node, toPod), 20 * MBIT);
  expectRate(await throughputOf(node, fromPod), 5 * MBIT);
  expectRate(await throughputOf(node, { ...toPod, address: "10.2.0.2" }), 5 * MBIT);
  expectRate(await throughputOf(node, { ...fromPod, address: "10.2.0.1" }), 20 * MBIT);
});

test("DEL() leaves the other interface's limits as they were when one of two goes", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ egressRate: 5 * MBIT }) });
  const other = { conf: shaped({ egressRate: 20 * MBIT }, OTHERNET), ifname: "eth1" } as const;
  attach(node, other);
  node.cni({
    command: "DEL",
    conf: { cniVersion: "1.1.0", type: "podwire", ...other.conf },
    containerId: "c1",
    netns: "/run/netns/c1",
    ifname: "eth1",
  });
  expectRate(await throughputOf(node, fromPod), 5 * MBIT);
});

test("ADD() shapes again as asked when the attachment was deleted before", async () => {
  await using node = await Node.create();
  attach(node, { conf: shaped({ ingressRate: 5 * MBIT }, { ...MYNET, ipam: DUAL_STACK }) });
  node.cni({
    command: "DEL",
    conf: { cniVersion: "1.1.0", type: "podwire", name: "mynet", ipam: DUAL_STACK },
    containerId: "c1",
    netns: "/run/netns/c1",
    ifname: "eth0",
  });
  attach(node, { conf: MYNET });
  expect(await throughputOf(node, { ...toPod, address: "10.1.0.3" })).toBeGreaterThan(UNLIMITED);
});
