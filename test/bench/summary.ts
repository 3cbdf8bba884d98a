/** What the samples say: medians, ratios to podwire's, and which targets are missed. */

import type { Cost } from "../support/measure/caller.ts";
import { podwire } from "./contestant.ts";
import type { Row } from "./in-turn.ts";
import { type Interval, median, pairedRatio, quantile } from "./statistics.ts";

/** One contestant's line of one row. */
export interface Line {
  readonly name: string;
  readonly wallMs: { readonly median: number; readonly p10: number; readonly p90: number };
  readonly cpuMs: number;
  readonly peakMiB: number;
  /** Where the row counts things. */
  readonly perSecond?: number;
  /** podwire's wall time as a multiple of this contestant's: medians of the pairs, and of all; not for podwire. */
  readonly ratio?: { readonly paired: Interval; readonly ofMedians: number };
}

export interface Summary {
  readonly title: string;
  readonly lines: readonly Line[];
}

export function summarize({ title, count, costs }: Row): Summary {
  const ours = wall(costs.get(podwire.name) ?? []);
  const lines = [...costs].map(([name, theirs]) => {
    const line = toLine(name, theirs, count);
    if (name === podwire.name || ours.length === 0) return line;
    const ofMedians = median(ours) / line.wallMs.median;
    return { ...line, ratio: { paired: pairedRatio(ours, wall(theirs)), ofMedians } };
  });
  return { title, lines };
}

function toLine(name: string, costs: readonly Cost[], count: number | undefined): Line {
  const walls = wall(costs);
  const wallMs = { median: median(walls), p10: quantile(walls, 0.1), p90: quantile(walls, 0.9) };
  return {
    name,
    wallMs,
    ...(count === undefined ? {} : { perSecond: (1000 * count) / wallMs.median }),
    cpuMs: median(costs.map(({ cpuMs }) => cpuMs)),
    peakMiB: median(costs.map(({ peakMiB }) => peakMiB)),
  };
}

function wall(costs: readonly Cost[]): number[] {
  return costs.map(({ wallMs }) => wallMs);
}
