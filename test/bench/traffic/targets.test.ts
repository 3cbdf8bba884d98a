/** When `--check` says that a target of the full chain is missed. */

import { expect, test } from "vitest";
import { summarizeTimes } from "../summarize-times.ts";
import { missedTrafficTargets } from "./targets.ts";
import { callTitle, connectionsTitle, VARIANTS } from "./titles.ts";

const CALLS = [
  { calls: "ADD", crowd: 1, atMost: 25 },
  { calls: "DEL", crowd: 1, atMost: 20 },
  ...[1, 100, 500, 1000].flatMap((crowd) => [
    { calls: "50 ADDs at once", crowd, atMost: 30 },
    { calls: "50 DELs at once", crowd, atMost: 30 },
  ]),
].flatMap((row) => VARIANTS.map((variant) => ({ ...row, title: callTitle(variant, row.calls, row.crowd) })));
const ROWS = [...CALLS, { title: connectionsTitle(1000), atMost: 100 }];

test.for(ROWS)(
  "missedTrafficTargets() allows $atMost and no more when '$title' takes the reference 100",
  (row) => {
    const missed = (podwire: number) =>
      missedTrafficTargets([summarizeTimes(row.title, { podwire, slow: 1000, fast: 100 })]);
    expect(missed(row.atMost)).toEqual([]);
    expect(missed(row.atMost + 1)).toEqual([
      expect.stringMatching(`^${row.title}: [0-9.]+ of fast, want at most`),
    ]);
  },
);

test.for(["ADD", "DEL"])("missedTrafficTargets() allows a fifth more when %s is beside 1000 pods", (verb) => {
  const missed = (many: number) =>
    missedTrafficTargets([
      summarizeTimes(callTitle("host port", verb, 1), { podwire: 10 }),
      summarizeTimes(callTitle("host port", verb, 1000), { podwire: many }),
    ]);
  expect(missed(12)).toEqual([]);
  expect(missed(12.1)).toEqual([
    `masquerade, host port: ${verb} with 1000 pods: 1.21 of that with 1 pod, want at most 1.2`,
  ]);
});

test("missedTrafficTargets() is silent when ADD beside more than one pod is slow", () => {
  expect(
    missedTrafficTargets([summarizeTimes(callTitle("host port", "ADD", 100), { podwire: 9, fast: 1 })]),
  ).toEqual([]);
});
