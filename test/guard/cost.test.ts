/** Ceilings on what a plugin call costs, which a busy machine does not move. */

import { beforeAll, expect, test } from "vitest";
import { type Cost, FULL, measureCosts, PLAIN, type Verb } from "./cost.ts";

// The runtime's own, once its heap passes 1 MiB: one prepares memory ahead ("JSCWarmUp"), one gives it back. None runs
// our code: a helper thread of a file or stream API would be one more.
const HEAP_THREADS = 2;

/** 10 % above what was measured on x86-64 with glibc 2.36; lower them when a change makes room, raise them for a reason. */
const CEILINGS: readonly Ceiling[] = [
  { conf: "plain", verb: "VERSION", minorFaults: 1050, systemCalls: 290, threads: 0 },
  { conf: "plain", verb: "ADD", minorFaults: 1560, systemCalls: 452, threads: HEAP_THREADS },
  { conf: "plain", verb: "CHECK", minorFaults: 1450, systemCalls: 390, threads: HEAP_THREADS },
  { conf: "plain", verb: "DEL", minorFaults: 1400, systemCalls: 375, threads: HEAP_THREADS },
  { conf: "full", verb: "ADD", minorFaults: 1680, systemCalls: 503, threads: HEAP_THREADS },
  { conf: "full", verb: "CHECK", minorFaults: 1750, systemCalls: 467, threads: HEAP_THREADS },
  { conf: "full", verb: "DEL", minorFaults: 1490, systemCalls: 415, threads: HEAP_THREADS },
];

interface Ceiling {
  readonly conf: "plain" | "full";
  readonly verb: Verb;
  readonly minorFaults: number;
  readonly systemCalls: number;
  readonly threads: number;
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

test.for(CEILINGS)(
  "podwire starts at most $threads threads when called with $verb and a $conf configuration",
  (ceiling) => {
    expect(costOf(ceiling)?.threads).toBeLessThanOrEqual(ceiling.threads);
  },
);

test.for(CEILINGS)(
  "podwire executes nothing but itself when called with $verb and a $conf configuration",
  (ceiling) => {
    expect(costOf(ceiling)?.programs).toBe(1);
  },
);
