/** Rounds: in each one every step is done by every site in turn, beginning with another site each time. */

import type { Cost } from "../support/measure/caller.ts";
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
        await comeToRest();
        const cost = await step.run(site);
        if (cost !== undefined && round > 0) keep(rows[i]?.costs, site.contestant.name, cost);
      }
    }
  }
  return rows;
}

/**
 * What the call before has left to the kernel's grace periods is done then, and the next begins at no special point
 * of the timer's tick: a deletion that begins right after another waits for whole ticks with it.
 */
function comeToRest(): Promise<void> {
  return Bun.sleep(50 + Math.random() * 8);
}

function keep(costs: Map<string, Cost[]> | undefined, name: string, cost: Cost): void {
  const kept = costs?.get(name);
  if (kept === undefined) costs?.set(name, [cost]);
  else kept.push(cost);
}
