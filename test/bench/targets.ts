/** The speeds that podwire has to reach, always as ratios within one run. */

import { podwire, ptp } from "./contestant.ts";
import { FLOOR } from "./floor.ts";
import { dualStack, ipv4 } from "./network.ts";
import type { Summary } from "./summary.ts";

const VERBS = [
  { verb: "ADD", atMost: 1.0 },
  { verb: "DEL", atMost: 0.95 },
];
/** What only its own line is held against. */
const OTHERS = [FLOOR, ptp.name];
/** A pod with a pair of its own, as a multiple of one on the bridge. */
const PTP = { titles: /^(ADD|DEL) with \d+ pods?$/, atMost: 1.1 };
const CROWD = { few: "ADD with 1 pod", many: "ADD with 500 pods", atMost: 1.2 };

/** One line for each target that is missed; none: all reached. */
export function missedTargets(summaries: readonly Summary[]): string[] {
  return [...missedRatios(summaries), ...missedPtp(summaries), ...missedCrowd(summaries)];
}

function missedRatios(summaries: readonly Summary[]): string[] {
  const missed: string[] = [];
  for (const { verb, atMost } of VERBS) {
    for (const network of [ipv4, dualStack]) {
      const title = `${verb}, ${network.title}`;
      for (const { name, ratio } of summaries.find((s) => s.title === title)?.lines ?? []) {
        if (ratio === undefined || OTHERS.includes(name) || ratio.paired.median <= atMost) continue;
        missed.push(`${title}: ${ratio.paired.median.toFixed(2)} of ${name}, want at most ${atMost}`);
      }
    }
  }
  return missed;
}

function missedPtp(summaries: readonly Summary[]): string[] {
  return summaries
    .filter(({ title }) => PTP.titles.test(title))
    .flatMap(({ title, lines }) => {
      const ratio = lines.find(({ name }) => name === ptp.name)?.ratio;
      const multiple = ratio === undefined ? 0 : 1 / ratio.paired.median;
      if (multiple <= PTP.atMost) return [];
      return [`${title}, ${ptp.name}: ${multiple.toFixed(2)} of ${podwire.name}, want at most ${PTP.atMost}`];
    });
}

function missedCrowd(summaries: readonly Summary[]): string[] {
  const [few, many] = [CROWD.few, CROWD.many].map(
    (title) =>
      summaries.find((s) => s.title === title)?.lines.find(({ name }) => name === podwire.name)?.wallMs
        .median,
  );
  if (few === undefined || many === undefined || many / few <= CROWD.atMost) return [];
  return [`${CROWD.many}: ${(many / few).toFixed(2)} of "${CROWD.few}", want at most ${CROWD.atMost}`];
}
