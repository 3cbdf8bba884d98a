/** The summary as a table for a terminal. */

import type { Line, Summary } from "./summary.ts";

export interface Style {
  readonly title: (text: string) => string;
  readonly dim: (text: string) => string;
}

export const plain: Style = { title: (text) => text, dim: (text) => text };
export const coloured: Style = {
  title: (text) => `\x1b[1m${text}\x1b[0m`,
  dim: (text) => `\x1b[2m${text}\x1b[0m`,
};

const NAME_WIDTH = 26;
const COLUMNS: readonly (readonly [string, number])[] = [
  ["wall ms", 9],
  ["10 %", 8],
  ["90 %", 8],
  ["CPU ms", 9],
  ["MiB", 7],
  ["podwire/it", 13],
  ["95 % interval", 16],
  ["of medians", 13],
];

export function toTable(summaries: readonly Summary[], style: Style): string {
  const header = " ".repeat(NAME_WIDTH) + COLUMNS.map(([name, width]) => name.padStart(width)).join("");
  const blocks = summaries.map(({ title, lines }) =>
    [style.title(title), ...lines.map((line) => toText(line))].join("\n"),
  );
  return [style.dim(header), ...blocks].join("\n");
}

function toText({ name, wallMs, cpuMs, peakMiB, perSecond, ratio }: Line): string {
  const cells = [wallMs.median, wallMs.p10, wallMs.p90, cpuMs, peakMiB].map((value) => value.toFixed(1));
  if (ratio !== undefined) {
    const { median, low, high } = ratio.paired;
    cells.push(median.toFixed(2), `${low.toFixed(2)} to ${high.toFixed(2)}`, ratio.ofMedians.toFixed(2));
  }
  const padded = cells.map((cell, i) => cell.padStart(COLUMNS[i]?.[1] ?? 0));
  const rate = perSecond === undefined ? "" : `  (${perSecond.toFixed(0)} per second)`;
  return `  ${name.padEnd(NAME_WIDTH - 2)}${padded.join("")}${rate}`;
}
