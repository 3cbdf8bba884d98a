/** Who acts when, and what is kept of it. */

import { expect, test } from "vitest";
import { inTurn } from "./in-turn.ts";

const SITES = ["a", "b"].map((name) => ({ contestant: { name, programs: [] } }));

/** Names in the order in which they acted, and the row. */
async function turns(caches: "cold" | "warm") {
  const order: string[] = [];
  const run = async ({ contestant: { name } }: (typeof SITES)[0]) => {
    order.push(name);
    return { exitCode: 0, wallMs: order.length, cpuMs: 0, peakMiB: 0, minorFaults: 0, stdout: "" };
  };
  const [row] = await inTurn(2, SITES, [{ title: "step", count: 7, run }], caches);
  const kept = [...(row?.costs ?? [])].map(([name, costs]) => [name, costs.map(({ wallMs }) => wallMs)]);
  return { order: order.join(""), kept: Object.fromEntries(kept), count: row?.count };
}

test("inTurn() begins with another site in each round and drops the first round when caches are cold", async () => {
  expect(await turns("cold")).toEqual({ order: "abbaab", kept: { b: [3, 6], a: [4, 5] }, count: 7 });
});

test("inTurn() keeps every round when caches are warm", async () => {
  expect(await turns("warm")).toEqual({ order: "baab", kept: { b: [1, 4], a: [2, 3] }, count: 7 });
});
