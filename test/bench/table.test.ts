/** What a row says when it counts things. */

import { expect, test } from "vitest";
import type { Row } from "./in-turn.ts";
import { summarize } from "./summary.ts";
import { plain, toTable } from "./table.ts";

const COSTS = [90, 100, 150].map((wallMs) => ({
  exitCode: 0,
  wallMs,
  cpuMs: 1,
  peakMiB: 1,
  minorFaults: 1,
  stdout: "",
}));

function lineOf(row: Omit<Row, "title" | "costs">): string {
  const summaries = [summarize({ title: "connections", costs: new Map([["podwire", COSTS]]), ...row })];
  return toTable(summaries, plain).split("\n")[2] ?? "";
}

test("toTable() gives the rate of the median when a row counts things", () => {
  expect(lineOf({ count: 2000 })).toMatch(/^ {2}podwire +100\.0 +92\.0 .*\(20000 per second\)$/);
});

test("toTable() gives no rate when a row counts nothing", () => {
  expect(lineOf({})).toMatch(/^ {2}podwire +100\.0 +92\.0 +140\.0 +1\.0 +1\.0$/);
});
