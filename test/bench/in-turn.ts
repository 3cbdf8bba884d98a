/** Rounds: in each one every step is done by every site in turn, beginning with another site each time. */

import type { Cost } from "../support/caller.ts";
import type { Site } from "./site.ts";

export interface Step {
  readonly title: string;
  /** Undefined where this site has no part in the step. */
  readonly run: (site: Site) => Promise<Cost> | undefined;
}

export interface Row {
  readonly title: string;
  /** Costs by contestant's name, one for each round. */
  readonly costs: ReadonlyMap<string, readonly Cost[]>;
}

/** One row for each step; a first round that fills caches is not counted. */
export async function inTurn(rounds: number, sites: readonly Site[], steps: readonly Step[]): Promise<Row[]> {
  const rows = steps.map(({ title }) => ({ title, costs: new Map<string, Cost[]>() }));
  for (let round = 0; round <= rounds; round++) {
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
