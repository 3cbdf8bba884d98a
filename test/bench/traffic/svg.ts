/** Axes and lines of a chart, as SVG elements. */

export interface Area {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Both axes begin at zero. */
export interface Frame {
  readonly area: Area;
  /** Where the horizontal axis is labelled; the last is its end. */
  readonly xs: readonly number[];
  readonly yMax: number;
}

export interface Line {
  readonly name: string;
  readonly colour: string;
  readonly dash: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

/** Readable on white and on black. */
export const MUTED = "#808080";
const LINE_HEIGHT = 13;
const CHARACTER_WIDTH = 7;

export function axes(frame: Frame, labels: { readonly x: string; readonly y: string }): string {
  const { area, xs } = frame;
  const right = area.left + area.width;
  const bottom = area.top + area.height;
  const rows = ticks(frame.yMax).map((value) => {
    const y = yOf(frame, value);
    return `<line x1="${area.left}" x2="${right}" y1="${y}" y2="${y}" stroke="${MUTED}" stroke-opacity="${value === 0 ? 1 : 0.25}"/>
<text x="${area.left - 8}" y="${fixed(Number(y) + 4)}" text-anchor="end">${value}</text>\n`;
  });
  const columns = xs.map(
    (value) => `<text x="${xOf(frame, value)}" y="${bottom + 18}" text-anchor="middle">${value}</text>\n`,
  );
  return `${rows.join("")}${columns.join("")}<text x="${area.left + area.width / 2}" y="${bottom + 38}" text-anchor="middle">${labels.x}</text>
<text x="${area.left}" y="${area.top - 10}">${labels.y}</text>\n`;
}

/** Each line with its points, and the last one's value beside it. */
export function lines(frame: Frame, all: readonly Line[]): string {
  const ends = endLabels(frame, all);
  return all
    .map(({ colour, dash, points }, i) => {
      const places = points.map(({ x, y }) => [xOf(frame, x), yOf(frame, y)] as const);
      const path = places.map((place) => place.join(",")).join(" ");
      const dots = places.map(([x, y]) => `<circle cx="${x}" cy="${y}" r="3" fill="${colour}"/>`).join("");
      return `<polyline points="${path}" fill="none" stroke="${colour}" stroke-width="2.5" stroke-dasharray="${dash}"/>
${dots}${ends[i]}\n`;
    })
    .join("");
}

/** Moved apart where they would cover each other. */
function endLabels(frame: Frame, all: readonly Line[]): string[] {
  const wanted = all.map(({ points }, i) => ({ i, y: Number(yOf(frame, points.at(-1)?.y ?? 0)) + 4 }));
  let above = Number.NEGATIVE_INFINITY;
  const labels: string[] = [];
  for (const { i, y } of wanted.toSorted((a, b) => a.y - b.y)) {
    above = Math.max(y, above + LINE_HEIGHT);
    const { colour, points } = all[i] ?? { colour: MUTED, points: [] };
    const x = frame.area.left + frame.area.width + CHARACTER_WIDTH;
    labels[i] =
      `<text x="${x}" y="${fixed(above)}" fill="${colour}">${(points.at(-1)?.y ?? 0).toFixed(0)} ms</text>`;
  }
  return labels;
}

/** Round numbers from 0 to the first one that is not below `max`. */
export function ticks(max: number): number[] {
  const rough = max / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  return Array.from({ length: Math.ceil(max / step) + 1 }, (_, i) => i * step);
}

function xOf({ area, xs }: Frame, value: number): string {
  return fixed(area.left + (value / (xs.at(-1) ?? 1)) * area.width);
}

function yOf({ area, yMax }: Frame, value: number): string {
  const top = ticks(yMax).at(-1) ?? 1;
  return fixed(area.top + area.height * (1 - value / top));
}

function fixed(value: number): string {
  return value.toFixed(1);
}
