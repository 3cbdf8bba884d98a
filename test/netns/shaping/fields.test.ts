/** Shaping: where the rates are taken from, and what ADD says to numbers that it cannot take. */

import { expect, test } from "vitest";
import { remains } from "../../support/kernel/kernel.ts";
import { bucketAt, ifbsOf } from "../../support/kernel/queues.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, ensurePod } from "../../support/pod/attachment.ts";
import { MYNET } from "../../support/traffic/traffic-networks.ts";

const M = 1_000_000;

/** Rates in both directions, in bits a second; undefined where nothing is limited. */
function ratesOf(node: Node, conf: object): (number | undefined)[] {
  const { interfaces } = attach(node, { conf: { ...MYNET, ...conf } });
  return [interfaces[1], interfaces[3]].map((entry) => {
    const rate = entry && bucketAt(node, entry.name)?.rate;
    return rate && rate * 8;
  });
}

const sources = [
  {
    name: "the configuration alone has rates",
    conf: { ingressRate: M, egressRate: 2 * M },
    rates: [M, 2 * M],
  },
  {
    name: "the runtime alone has rates",
    conf: { runtimeConfig: { bandwidth: { ingressRate: M, egressRate: 2 * M } } },
    rates: [M, 2 * M],
  },
  {
    name: "both have rates",
    conf: { ingressRate: M, runtimeConfig: { bandwidth: { ingressRate: 3 * M, egressRate: 3 * M } } },
    rates: [M, undefined],
  },
  {
    name: "the configuration's rate is 0",
    conf: { egressRate: 0, runtimeConfig: { bandwidth: { ingressRate: 3 * M, egressRate: 3 * M } } },
    rates: [undefined, undefined],
  },
  {
    name: "the names are in another case",
    conf: { runtimeconfig: { Bandwidth: { INGRESSRATE: M, egressrate: 2 * M } } },
    rates: [M, 2 * M],
  },
  {
    name: "the runtime has no choice of a burst",
    conf: { runtimeConfig: { bandwidth: { ingressRate: M, ingressBurst: 4_294_967_295 } } },
    rates: [M, undefined],
  },
];

test.for(sources)("ADD() limits as asked when $name", async ({ conf, rates }) => {
  await using node = await Node.create();
  expect(ratesOf(node, conf)).toEqual(rates);
});

test("ADD() chooses the burst itself when the runtime gives the largest number that there is", async () => {
  await using node = await Node.create();
  const bandwidth = { ingressRate: 100 * M, ingressBurst: 4_294_967_295 };
  const { interfaces } = attach(node, { conf: { ...MYNET, runtimeConfig: { bandwidth } } });
  expect(bucketAt(node, interfaces[1].name)?.burst).toBe(125_000);
});

const invalid = [
  { name: "an ingress burst without a rate", fields: { ingressBurst: M }, field: "ingressBurst" },
  { name: "an egress burst without a rate", fields: { egressBurst: M }, field: "egressBurst" },
  {
    name: "an egress burst with the other rate",
    fields: { ingressRate: M, egressBurst: M },
    field: "egressBurst",
  },
  {
    name: "an ingress burst beyond 4 Gbit",
    fields: { ingressRate: M, ingressBurst: 4_294_967_296 },
    field: "ingressBurst",
  },
  {
    name: "an egress burst beyond 4 Gbit",
    fields: { egressRate: M, egressBurst: 4_294_967_296 },
    field: "egressBurst",
  },
  { name: "a negative rate", fields: { ingressRate: -1 }, field: "ingressRate" },
  { name: "a negative burst", fields: { egressRate: M, egressBurst: -8 }, field: "egressBurst" },
  { name: "a rate of half a bit", fields: { egressRate: 1000.5 }, field: "egressRate" },
  { name: "a rate of less than a byte", fields: { egressRate: 7 }, field: "egressRate" },
  {
    name: "a burst of less than a byte",
    fields: { egressRate: M, egressBurst: 7 },
    field: "egressBurst",
  },
  { name: "a rate in words", fields: { ingressRate: "1M" }, field: "ingressRate" },
];
const places = [
  {
    place: "the runtime",
    prefix: "runtimeConfig.bandwidth.",
    inConf: (fields: object) => ({ runtimeConfig: { bandwidth: fields } }),
  },
  { place: "the configuration", prefix: "", inConf: (fields: object) => fields },
];
const refusals = invalid.flatMap((row) => places.map((place) => ({ ...row, ...place })));

test.for(refusals)("ADD() fails with code 7 and makes nothing when $place gives $name", async (row) => {
  await using node = await Node.create();
  ensurePod(node);
  const { exitCode, json } = call(node, "ADD", { conf: { ...MYNET, ...row.inConf(row.fields) } });
  expect({ exitCode, code: json.code }).toEqual({ exitCode: 1, code: 7 });
  expect(json.msg).toContain(`${row.prefix}${row.field}`);
  expect([...remains(node), ...ifbsOf(node)]).toEqual([]);
});

test("ADD() refuses what is no list of rates when bandwidth is a number", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const { json } = call(node, "ADD", { conf: { ...MYNET, runtimeConfig: { bandwidth: M } } });
  expect(json).toMatchObject({ code: 7, msg: expect.stringContaining("runtimeConfig.bandwidth") });
});
