/** Ceilings on what a plugin call costs, which a busy machine does not move. */

import { beforeAll, expect, test } from "vitest";
import { type Cost, measureCosts, type Verb } from "./cost.ts";

/** 10 % above what was measured on x86-64 with glibc 2.36; lower them when a change makes room, raise them for a reason. */
const CEILINGS: readonly { verb: Verb; minorFaults: number; systemCalls: number }[] = [
  { verb: "VERSION", minorFaults: 1044, systemCalls: 287 },
  { verb: "ADD", minorFaults: 1570, systemCalls: 503 },
  { verb: "CHECK", minorFaults: 1500, systemCalls: 418 },
  { verb: "DEL", minorFaults: 1410, systemCalls: 372 },
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
