/** Ceilings on what a plugin call costs, which a busy machine does not move. */

import { beforeAll, expect, test } from "vitest";
import { type Cost, measureCosts, type Verb } from "./cost.ts";

/** 10 % above what was measured on x86-64 with glibc 2.36; lower them when a change makes room, raise them for a reason. */
const CEILINGS: readonly { verb: Verb; minorFaults: number; systemCalls: number }[] = [
  { verb: "VERSION", minorFaults: 1030, systemCalls: 286 },
  { verb: "ADD", minorFaults: 1550, systemCalls: 473 },
  { verb: "CHECK", minorFaults: 1405, systemCalls: 408 },
  { verb: "DEL", minorFaults: 1410, systemCalls: 368 },
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

test.for(CEILINGS)("podwire starts no thread and no process when called with $verb", ({ verb }) => {
  expect(costs.get(verb)?.threads).toBe(0);
});

test.for(CEILINGS)("podwire executes nothing but itself when called with $verb", ({ verb }) => {
  expect(costs.get(verb)?.programs).toBe(1);
});
