/** ADD and DEL of the full chain against pods present, as an SVG for a page of any colour. */

import type { Summary } from "../summary.ts";
import { type Area, axes, type Line, lines, MUTED } from "./svg.ts";
import { CROWDS, callTitle } from "./titles.ts";

const WIDTH = 850;
const HEIGHT = 380;
const PANEL = { width: 300, height: 240, top: 80 };
const LEFTS = [60, 470];
const HEADLINE = "One call with masquerade and a host port: podwire against bridge + portmap";
const TITLE = { x: 60, y: 22, size: 15 };
const LEGEND = { y: 48, size: 12, gap: 18, characterWidth: 6.6 };

/** podwire first; each at least 3 : 1 against white and against black. */
const LOOKS = [
  { colour: "#2f81f7", dash: "" },
  { colour: "#d9691e", dash: "7 4" },
  { colour: "#2e9c58", dash: "2 4" },
  { colour: "#a371c7", dash: "10 3 2 3" },
] as const;

/** Medians of the rows without bandwidth limits. @throws where none of them was measured */
export function toPlot(summaries: readonly Summary[]): string {
  const panels = ["ADD", "DEL"].map((verb) => linesOf(summaries, verb));
  const names = panels[0]?.map(({ name }) => name) ?? [];
  if (names.length === 0) throw new Error("nothing to plot: the full chain was not measured");
  const drawn = panels.map((panel, i) => {
    const area: Area = { left: LEFTS[i] ?? 0, top: PANEL.top, width: PANEL.width, height: PANEL.height };
    const mostPods = Math.max(...panel.flatMap(({ points }) => points.map(({ x }) => x)));
    const mostMs = Math.max(...panel.flatMap(({ points }) => points.map(({ y }) => y)));
    const frame = { area, xs: CROWDS.filter((crowd) => crowd <= mostPods), yMax: mostMs };
    const labels = { x: "pods present", y: `${i === 0 ? "ADD" : "DEL"}, median ms` };
    return axes(frame, labels) + lines(frame, panel);
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"
  font-family="system-ui, -apple-system, 'Segoe UI', sans-serif" font-size="12" fill="${MUTED}">
<title>${HEADLINE}</title>
<text x="${TITLE.x}" y="${TITLE.y}" font-size="${TITLE.size}" font-weight="600">${HEADLINE}</text>
${legend(names)}${drawn.join("")}</svg>
`;
}

function linesOf(summaries: readonly Summary[], verb: string): Line[] {
  const measured = CROWDS.flatMap((crowd) => {
    const summary = summaries.find(({ title }) => title === callTitle("host port", verb, crowd));
    return summary === undefined ? [] : [{ crowd, lines: summary.lines }];
  });
  const names = measured[0]?.lines.map(({ name }) => name).toSorted(podwireFirst) ?? [];
  return names.map((name, i) => ({
    name,
    ...lookOf(i),
    points: measured.flatMap(({ crowd, lines: all }) =>
      all.filter((line) => line.name === name).map(({ wallMs }) => ({ x: crowd, y: wallMs.median })),
    ),
  }));
}

function podwireFirst(a: string, b: string): number {
  return Number(b === "podwire") - Number(a === "podwire");
}

function legend(names: readonly string[]): string {
  let x = TITLE.x;
  return names
    .map((name, i) => {
      const { colour, dash } = lookOf(i);
      const text = `<line x1="${x}" x2="${x + 24}" y1="${LEGEND.y - 4}" y2="${LEGEND.y - 4}" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>
<text x="${x + 30}" y="${LEGEND.y}" font-size="${LEGEND.size}" fill="${colour}">${name}</text>\n`;
      x += 30 + name.length * LEGEND.characterWidth + LEGEND.gap;
      return text;
    })
    .join("");
}

function lookOf(index: number) {
  return LOOKS[index % LOOKS.length] ?? LOOKS[0];
}
