/** Several measured calls as one. */

import type { Cost } from "../support/measure/caller.ts";

/** One cost of `costs`, which together took `wallMs`; its peak is that of the largest call. */
export function together(costs: readonly Cost[], wallMs: number): Cost {
  return {
    exitCode: 0,
    wallMs,
    cpuMs: costs.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    peakMiB: Math.max(...costs.map(({ peakMiB }) => peakMiB)),
    minorFaults: costs.reduce((sum, { minorFaults }) => sum + minorFaults, 0),
    stdout: "",
  };
}
