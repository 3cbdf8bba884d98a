/** When `--check` says that a target is missed. */

import { expect, test } from "vitest";
import { ptp } from "./contestant.ts";
import { FLOOR } from "./floor.ts";
import { summarizeTimes } from "./summarize-times.ts";
import { missedTargets } from "./targets.ts";

function missed(title: string, podwireMs: number, otherMs: number, other = "reference"): string[] {
  return missedTargets([summarizeTimes(title, { [other]: otherMs, podwire: podwireMs })]);
}

test.for([
  { title: "ADD, IPv4", podwireMs: 10, count: 0 },
  { title: "ADD, IPv4", podwireMs: 10.1, count: 1 },
  { title: "ADD, dual stack", podwireMs: 10.1, count: 1 },
  { title: "DEL, IPv4", podwireMs: 9.5, count: 0 },
  { title: "DEL, IPv4", podwireMs: 9.6, count: 1 },
  { title: "DEL, dual stack", podwireMs: 9.6, count: 1 },
  { title: "VERSION", podwireMs: 20, count: 0 },
])("missedTargets() names $count when $title takes $podwireMs ms of the reference's 10", (row) => {
  expect(missed(row.title, row.podwireMs, 10)).toHaveLength(row.count);
});

test("missedTargets() says by how much when a target is missed", () => {
  expect(missed("ADD, IPv4", 15, 10)).toEqual(["ADD, IPv4: 1.50 of reference, want at most 1"]);
});

test("missedTargets() leaves the floor out when podwire is slower than ip", () => {
  expect(missed("ADD, IPv4", 30, 10, FLOOR)).toEqual([]);
});

test.for([
  { title: "ADD with 500 pods", ptpMs: 10.9, count: 0 },
  { title: "ADD with 500 pods", ptpMs: 11.1, count: 1 },
  { title: "DEL with 1 pod", ptpMs: 12, count: 1 },
  { title: "ADD, IPv4", ptpMs: 5, count: 0 },
])("missedTargets() names $count when $title of mode ptp takes $ptpMs ms and one on the bridge 10", (row) => {
  expect(missed(row.title, 10, row.ptpMs, ptp.name)).toHaveLength(row.count);
});

test.for([
  { many: 12, count: 0 },
  { many: 12.1, count: 1 },
])("missedTargets() names $count when 500 pods take $many ms and one pod 10", ({ many, count }) => {
  const summaries = [
    summarizeTimes("ADD with 1 pod", { podwire: 10 }),
    summarizeTimes("ADD with 500 pods", { podwire: many }),
  ];
  expect(missedTargets(summaries)).toHaveLength(count);
});
