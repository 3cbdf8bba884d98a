/** Rounds: in each one every step is done by every site in turn, beginning with another site each time. */

import type { Cost } from "../support/caller.ts";
import type { Contestant } from "./contestant.ts";

export interface Step<Place> {
  readonly title: string;
  /** How many things happen in it, where that is worth a rate. */
  readonly count?: number;
  /** Undefined where this site has no part in the step. */
  readonly run: (site: Place) => Promise<Cost> | undefined;
}

export interface Row {
  readonly title: string;
  readonly count?: number;
  /** Costs by contestant's name, one for each round. */
  readonly costs: ReadonlyMap<string, readonly Cost[]>;
}

/** One row for each step; a first round that fills caches is not counted, or not done where they are `warm`. */
export async function inTurn<Place extends { readonly contestant: Contestant }>(
  rounds: number,
  sites: readonly Place[],
  steps: readonly Step<Place>[],
  caches: "cold" | "warm" = "cold",
): Promise<Row[]> {
  const rows = steps.map(({ run: _, ...step }) => ({ ...step, costs: new Map<string, Cost[]>() }));
  for (let round = caches === "cold" ? 0 : 1; round <= rounds; round++) {
    const first = round % sites.length;
    const order = [...sites.slice(first), ...sites.slice(0, first)];
    for (const [i, step] of steps.entries()) {
      for (const site of order) {
        const cost = await step.run(site);
        if (cost !== undefined && round > 0) keep(rows[i]?.costs, site.contestant.name, cost);
      }
    }
  }
  return rows;
}

function keep(costs: Map<string, Cost[]> | undefined, name: string, cost: Cost): void {
  const kept = costs?.get(name);
  if (kept === undefined) costs?.set(name, [cost]);
  else kept.push(cost);
}
