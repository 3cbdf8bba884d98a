/** Ceilings on what a plugin call costs, which a busy machine does not move. */

import { beforeAll, expect, test } from "vitest";
import { type Cost, FULL, measureCosts, PLAIN, type Verb } from "./cost.ts";

/** 10 % above what was measured on x86-64; lower them when a change makes room, raise them for a reason. */
const CEILINGS: readonly Ceiling[] = [
  { conf: "plain", verb: "VERSION", minorFaults: 108, systemCalls: 18 },
  { conf: "plain", verb: "ADD", minorFaults: 212, systemCalls: 150 },
  { conf: "plain", verb: "CHECK", minorFaults: 208, systemCalls: 84 },
  { conf: "plain", verb: "DEL", minorFaults: 193, systemCalls: 55 },
  { conf: "full", verb: "ADD", minorFaults: 236, systemCalls: 192 },
  { conf: "full", verb: "CHECK", minorFaults: 252, systemCalls: 162 },
  { conf: "full", verb: "DEL", minorFaults: 218, systemCalls: 91 },
];

interface Ceiling {
  readonly conf: "plain" | "full";
  readonly verb: Verb;
  readonly minorFaults: number;
  readonly systemCalls: number;
}

let costs: Record<Ceiling["conf"], ReadonlyMap<Verb, Cost>>;

beforeAll(async () => {
  costs = { plain: await measureCosts(PLAIN), full: await measureCosts(FULL) };
});

const costOf = ({ conf, verb }: Ceiling) => costs[conf].get(verb);

test.for(CEILINGS)(
  "podwire stays under $minorFaults minor page faults when called with $verb and a $conf configuration",
  (ceiling) => {
    expect(costOf(ceiling)?.minorFaults).toBeLessThanOrEqual(ceiling.minorFaults);
  },
);

test.for(CEILINGS)(
  "podwire stays under $systemCalls system calls when called with $verb and a $conf configuration",
  (ceiling) => {
    expect(costOf(ceiling)?.systemCalls).toBeLessThanOrEqual(ceiling.systemCalls);
  },
);

test.for(CEILINGS)("podwire starts no thread when called with $verb and a $conf configuration", (ceiling) => {
  expect(costOf(ceiling)?.threads).toBe(0);
});

test.for(CEILINGS)(
  "podwire executes nothing but itself when called with $verb and a $conf configuration",
  (ceiling) => {
    expect(costOf(ceiling)?.programs).toBe(1);
  },
);
