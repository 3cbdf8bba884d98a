/** When `--check` says that a target of named networks is missed. */

import { expect, test } from "vitest";
import { summarizeTimes } from "../summarize-times.ts";
import { PLAIN_BRIDGE } from "./site.ts";
import { missedNetworkTargets } from "./targets.ts";
import { CHOICE, LIST, titleOf } from "./titles.ts";

test.for([
  { verb: "ADD", ms: 13, missed: [] },
  { verb: "ADD", ms: 14, missed: ["ADD on a network by name: 1.40 of plain bridge, want at most 1.3"] },
  { verb: "DEL", ms: 13, missed: [] },
  { verb: "DEL", ms: 14, missed: ["DEL on a network by name: 1.40 of plain bridge, want at most 1.3"] },
  { verb: "CHECK", ms: 20, missed: [] },
] as const)("missedNetworkTargets() says $missed when $verb takes $ms ms and 10 on a plain bridge", (row) => {
  const times = { [PLAIN_BRIDGE]: 10, podwire: row.ms };
  expect(missedNetworkTargets([summarizeTimes(titleOf(row.verb), times)])).toEqual(row.missed);
});

test.for([
  { title: LIST, ms: 100, missed: [] },
  { title: LIST, ms: 101, missed: [`${LIST}: 101.0 ms, want at most 100`] },
  { title: CHOICE, ms: 5, missed: [] },
  { title: CHOICE, ms: 5.1, missed: [`${CHOICE}: 5.1 ms, want at most 5`] },
] as const)("missedNetworkTargets() says $missed when $title takes $ms ms", ({ title, ms, missed }) => {
  expect(missedNetworkTargets([summarizeTimes(title, { podwire: ms })])).toEqual(missed);
});
