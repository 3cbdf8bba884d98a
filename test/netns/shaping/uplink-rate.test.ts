/** Rates of pods on an uplink, with real TCP: what is guaranteed arrives, and no more than the maximum. */

import { expect, test } from "vitest";
import { ensuring, FAR, nodeWithUplink, onUplink, POD_MACS } from "../../support/pod/uplink.ts";
import { throughputOf, throughputsOf } from "../../support/traffic/throughput.ts";

const MBIT = 1_000_000;
const { c1, c2 } = POD_MACS;
const fromFirst = { from: "c1", to: "far", address: FAR };
const fromSecond = { from: "c2", to: "far", address: FAR };

test("ensureUplinkClass() holds a pod to its maximum when the link has more to spare", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 5, maxMbps: 20, speedMbps: 1000 }));
  const rate = await throughputOf(node, fromFirst);
  expect(rate).toBeGreaterThan(20 * MBIT * 0.85);
  expect(rate).toBeLessThan(20 * MBIT * 1.15);
});

test("ensureUplinkClass() lets a pod have the whole link when nobody else wants it", async () => {
  await using node = await nodeWithUplink();
  onUplink(node, ensuring(c1, { minMbps: 5, speedMbps: 50 }));
  const rate = await throughputOf(node, fromFirst);
  expect(rate).toBeGreaterThan(50 * MBIT * 0.85);
  expect(rate).toBeLessThan(50 * MBIT * 1.15);
});

const floods = [
  { name: "without a class", flood: "" },
  { name: "with the smallest class", flood: ensuring(c2, { minMbps: 0, speedMbps: 50 }) },
];

test.for(floods)(
  "ensureUplinkClass() keeps a pod's minimum when one $name floods the link",
  async ({ flood }) => {
    await using node = await nodeWithUplink();
    onUplink(node, ensuring(c1, { minMbps: 40, speedMbps: 50 }) + flood);
    const [guaranteed = 0, other = 0] = await throughputsOf(node, [fromFirst, fromSecond]);
    expect(guaranteed).toBeGreaterThan(40 * MBIT * 0.85);
    expect(other).toBeGreaterThan(MBIT * 0.85);
    expect(guaranteed + other).toBeLessThan(50 * MBIT * 1.15);
  },
);
