/** Ceilings on what a plugin call costs, which a busy machine does not move. */

import { beforeAll, expect, test } from "vitest";
import { type Cost, measureCosts, type Verb } from "./cost.ts";

// The runtime's own, once its heap passes 1 MiB: one prepares memory ahead ("JSCWarmUp"), one gives it back. None runs
// our code: a helper thread of a file or stream API would be one more.
const HEAP_THREADS = 2;

/** 10 % above what was measured on x86-64 with glibc 2.36; lower them when a change makes room, raise them for a reason. */
const CEILINGS: readonly { verb: Verb; minorFaults: number; systemCalls: number; threads: number }[] = [
  { verb: "VERSION", minorFaults: 1050, systemCalls: 268, threads: 0 },
  { verb: "ADD", minorFaults: 1560, systemCalls: 452, threads: HEAP_THREADS },
  { verb: "CHECK", minorFaults: 1450, systemCalls: 390, threads: HEAP_THREADS },
  { verb: "DEL", minorFaults: 1300, systemCalls: 345, threads: HEAP_THREADS },
];

let costs: ReadonlyMap<Verb, Cost>;

beforeAll(async () => {
  costs = await measureCosts();
});

test.for(CEILINGS)("podwire stays under $minorFaults minor page faults when called with $verb", (ceiling) => {
  expect(costs.get(ceiling.verb)?.minorFaults).toBeLessThanOrEqual(ceiling.minorFaults);
});

test.for(CEILINGS)("podwire stays under $systemCalls system calls when called with $verb", (ceiling) => {
  expect(costs.get(ceiling.verb)?.systemCalls).toBeLessThanOrEqual(ceiling.systemCalls);
});

test.for(CEILINGS)("podwire starts at most $threads threads when called with $verb", ({ verb, threads }) => {
  expect(costs.get(verb)?.threads).toBeLessThanOrEqual(threads);
});

test.for(CEILINGS)("podwire executes nothing but itself when called with $verb", ({ verb }) => {
  expect(costs.get(verb)?.programs).toBe(1);
});
