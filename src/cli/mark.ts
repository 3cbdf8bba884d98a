/** The mark before a finding: whether it is as it should be. */

import { isColourful } from "./print.ts";

export type Level = "ok" | "warning" | "fault";

const MARKS: Readonly<Record<Level, { readonly sign: string; readonly colour: string }>> = {
  ok: { sign: "✓", colour: "\u001b[32m" },
  warning: { sign: "!", colour: "\u001b[33m" },
  fault: { sign: "✗", colour: "\u001b[31m" },
};
const PLAIN = "\u001b[0m";

export function formatMark(level: Level): string {
  const { sign, colour } = MARKS[level];
  return isColourful() ? `${colour}${sign}${PLAIN}` : sign;
}
