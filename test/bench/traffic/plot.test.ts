/** What the plot shows. */

import { expect, test } from "vitest";
import { type Summary, summarize } from "../summary.ts";
import { toPlot } from "./plot.ts";
import { ticks } from "./svg.ts";
import { callTitle } from "./titles.ts";

function row(verb: string, crowd: number, times: Readonly<Record<string, number>>): Summary {
  const costs = Object.entries(times).map(([name, wallMs]) => {
    const cost = { exitCode: 0, wallMs, cpuMs: 1, peakMiB: 1, minorFaults: 1, stdout: "" };
    return [name, [cost]] as const;
  });
  return summarize({ title: callTitle("host port", verb, crowd), costs: new Map(costs) });
}

const SUMMARIES = ["ADD", "DEL"].flatMap((verb) => [
  row(verb, 1, { theirs: 50, podwire: 10 }),
  row(verb, 500, { theirs: 60, podwire: 10 }),
  row(verb, 1000, { theirs: 100, podwire: 98 }),
]);

const all = (svg: string, pattern: RegExp) => [...svg.matchAll(pattern)].map((found) => found[1] ?? "");

test("toPlot() draws a line for each contestant and verb, podwire's first, when all was measured", () => {
  // 300 wide from 60, 240 high from 80; the scale ends at 100 ms.
  const paths = all(toPlot(SUMMARIES), /<polyline points="([^"]*)"/g);
  expect(paths.slice(0, 2)).toEqual([
    "60.3,296.0 210.0,296.0 360.0,84.8",
    "60.3,200.0 210.0,176.0 360.0,80.0",
  ]);
  expect(paths).toHaveLength(4);
});

test("toPlot() names each contestant once in its own colour when both panels show it", () => {
  const svg = toPlot(SUMMARIES);
  const named = [...svg.matchAll(/fill="(#[0-9a-f]+)">(podwire|theirs)</g)].map(([, colour, name]) => [
    name,
    colour,
  ]);
  const strokes = all(svg, /<polyline [^>]*stroke="(#[0-9a-f]+)"/g);
  expect(named).toEqual([
    ["podwire", strokes[0]],
    ["theirs", strokes[1]],
  ]);
  expect(strokes[0]).not.toBe(strokes[1]);
});

test("toPlot() moves the last values apart when the lines end side by side", () => {
  const labels = [...toPlot(SUMMARIES).matchAll(/y="([0-9.]+)" fill="[^"]*">(98|100) ms</g)];
  const [ours, theirs] = ["98", "100"].map((value) =>
    Number(labels.find((found) => found[2] === value)?.[1]),
  );
  expect(Math.abs((ours ?? 0) - (theirs ?? 0))).toBeGreaterThanOrEqual(13);
});

test("toPlot() refuses when the full chain was not measured", () => {
  expect(() => toPlot([])).toThrow("nothing to plot");
});

test.for([
  { max: 100, want: [0, 20, 40, 60, 80, 100] },
  { max: 101, want: [0, 50, 100, 150] },
  { max: 7, want: [0, 2, 4, 6, 8] },
])("ticks() are round numbers up to $want.length steps when the greatest value is $max", ({ max, want }) => {
  expect(ticks(max)).toEqual(want);
});
