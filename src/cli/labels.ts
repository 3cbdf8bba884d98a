/** Labels on the command line: `-l app=db,tier=gold`. */

import { misused } from "./failure.ts";

export type Labels = Readonly<Record<string, string>>;

/** Undefined where there is none. @throws {Failure} one has no `=` */
export function parseLabels(texts: readonly string[] | undefined): Labels | undefined {
  if (texts === undefined) return undefined;
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf("=");
      if (at < 1) throw misused(`--labels ${text}: want KEY=VALUE`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

/** As kubectl shows them. */
export function formatLabels(labels: Labels = {}): string {
  const pairs = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  return pairs.length === 0 ? "<none>" : pairs.join(",");
}

/** True where all that is wanted is there. */
export function hasLabels(labels: Labels = {}, wanted: Labels = {}): boolean {
  return Object.entries(wanted).every(([key, value]) => labels[key] === value);
}
