/** Summaries of one round with given wall times, for tests. */

import type { Cost } from "../support/measure/caller.ts";
import { type Summary, summarize } from "./summary.ts";

/** `times`: milliseconds by contestant's name. */
export function summarizeTimes(title: string, times: Readonly<Record<string, number>>): Summary {
  const costs = Object.entries(times).map(([name, wallMs]): [string, Cost[]] => [
    name,
    [{ exitCode: 0, wallMs, cpuMs: 1, peakMiB: 1, minorFaults: 1, stdout: "" }],
  ]);
  return summarize({ title, costs: new Map(costs) });
}
