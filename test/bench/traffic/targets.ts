/** How fast the full chain has to be, always as ratios within one run. */

import { podwire } from "../contestant.ts";
import type { Summary } from "../summary.ts";
import { AT_ONCE, CROWDS, callTitle, connectionsTitle, VARIANTS, type Variant } from "./titles.ts";

const CROWD = { few: 1, many: 1000 };
const AT_MOST = { ADD: 0.25, DEL: 0.2, atOnce: 0.3, connections: 1, crowd: 1.2 };

/** One line for each target that is missed; rows that were not measured miss none. */
export function missedTrafficTargets(summaries: readonly Summary[]): string[] {
  const missed: string[] = [];
  const want = (title: string, atMost: number) => missed.push(...missedRatios(summaries, title, atMost));
  for (const variant of VARIANTS) {
    for (const verb of ["ADD", "DEL"] as const) {
      want(callTitle(variant, verb, CROWD.few), AT_MOST[verb]);
      for (const crowd of CROWDS)
        want(callTitle(variant, `${AT_ONCE} ${verb}s at once`, crowd), AT_MOST.atOnce);
      missed.push(...missedGrowth(summaries, variant, verb));
    }
  }
  want(connectionsTitle(CROWD.many), AT_MOST.connections);
  return missed;
}

/** Every reference in turn, so the fastest one too. */
function missedRatios(summaries: readonly Summary[], title: string, atMost: number): string[] {
  const lines = summaries.find((summary) => summary.title === title)?.lines ?? [];
  return lines.flatMap(({ name, ratio }) =>
    ratio === undefined || ratio.paired.median <= atMost
      ? []
      : [`${title}: ${ratio.paired.median.toFixed(2)} of ${name}, want at most ${atMost}`],
  );
}

function missedGrowth(summaries: readonly Summary[], variant: Variant, verb: string): string[] {
  const [few, many] = [CROWD.few, CROWD.many].map((crowd) => {
    const title = callTitle(variant, verb, crowd);
    const ours = summaries.find((summary) => summary.title === title)?.lines;
    return ours?.find(({ name }) => name === podwire.name)?.wallMs.median;
  });
  if (few === undefined || many === undefined || many / few <= AT_MOST.crowd) return [];
  const title = callTitle(variant, verb, CROWD.many);
  return [`${title}: ${(many / few).toFixed(2)} of that with 1 pod, want at most ${AT_MOST.crowd}`];
}
