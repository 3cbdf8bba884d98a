/** What named networks may cost: a multiple of the plain bridge's calls, and milliseconds where a person or a lock waits. */

import { podwire } from "../contestant.ts";
import type { Summary } from "../summary.ts";
import { PLAIN_BRIDGE } from "./site.ts";
import { CHOICE, LIST, titleOf } from "./titles.ts";

const RATIOS = [
  { title: titleOf("ADD"), atMost: 1.3 },
  { title: titleOf("DEL"), atMost: 1.3 },
];
const MILLISECONDS = [
  { title: LIST, atMost: 100 },
  { title: CHOICE, atMost: 5 },
];

/** One line for each target that is missed; none: all reached. */
export function missedNetworkTargets(summaries: readonly Summary[]): string[] {
  const lineOf = (title: string, name: string) =>
    summaries.find((summary) => summary.title === title)?.lines.find((line) => line.name === name);
  const ratios = RATIOS.flatMap(({ title, atMost }) => {
    const ratio = lineOf(title, PLAIN_BRIDGE)?.ratio?.paired.median ?? 0;
    return ratio <= atMost
      ? []
      : [`${title}: ${ratio.toFixed(2)} of ${PLAIN_BRIDGE}, want at most ${atMost}`];
  });
  const times = MILLISECONDS.flatMap(({ title, atMost }) => {
    const ms = lineOf(title, podwire.name)?.wallMs.median ?? 0;
    return ms <= atMost ? [] : [`${title}: ${ms.toFixed(1)} ms, want at most ${atMost}`];
  });
  return [...ratios, ...times];
}
