/** Rates in mode ptp: the token buckets of both directions, and what passes through them. */

import { expect, test } from "vitest";
import { linkOf } from "../../support/kernel/kernel.ts";
import { bucketAt, ifbsOf, redirectsAt } from "../../support/kernel/queues.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call } from "../../support/pod/attachment.ts";
import { PTP } from "../../support/pod/ptp.ts";
import { throughputOf } from "../../support/traffic/throughput.ts";

const RATE = 8_000_000; // bits a second
const BYTES = RATE / 8;
const BURST = 80_000; // bits
const conf = { ...PTP, ingressRate: RATE, ingressBurst: BURST, egressRate: RATE / 2, egressBurst: BURST };

test("ADD() puts a bucket on the node's end and one behind an ifb device, and DEL takes them away", async () => {
  await using node = await Node.create();
  const [host, , ifb] = attach(node, { conf }).interfaces;
  expect(bucketAt(node, host.name)).toMatchObject({ rate: BYTES });
  expect(bucketAt(node, ifb.name)).toMatchObject({ rate: BYTES / 2 });
  expect(redirectsAt(node, host.name).map(({ to }) => to)).toContain(ifb.name);
  expect(linkOf(node, ifb.name)).toMatchObject({ ifalias: "podwire mynet/c1/eth0" });
  expect(call(node, "DEL", { conf }).exitCode).toBe(0);
  expect(ifbsOf(node)).toEqual([]);
});

const flows = [
  { name: "what the pod gets", flow: { from: "node", to: "c1", address: "10.1.0.2" }, rate: RATE },
  { name: "what the pod sends", flow: { from: "c1", to: "node", address: "10.1.0.1" }, rate: RATE / 2 },
];

test.for(flows)("ADD() limits $name", async ({ flow, rate }) => {
  await using node = await Node.create();
  attach(node, { conf });
  const measured = await throughputOf(node, flow);
  expect(measured).toBeGreaterThan(rate * 0.5);
  expect(measured).toBeLessThan(rate * 1.1);
});
