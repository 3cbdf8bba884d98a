/** Findings as people and programs see them. */

import { formatMark } from "../mark.ts";
import { count, SHOWN_AT_MOST } from "./finding.ts";
import type { Found } from "./run-checks.ts";

const INDENT = "      ";

export interface PrintOptions {
  /** Details of what is well too. */
  readonly verbose?: true;
}

/** By group, a line for each finding, and below what is not well what it means and what mends it. */
export function formatFindings(found: readonly Found[], options: PrintOptions): string {
  const groups = Map.groupBy(found, ({ group }) => group);
  const blocks = [...groups].map(([group, findings]) =>
    [group, ...findings.flatMap((finding) => formatFinding(finding, options))].join("\n"),
  );
  return [...blocks, summarise(found)].join("\n\n");
}

function formatFinding(
  { level, text, details, meaning, command }: Found,
  { verbose }: PrintOptions,
): string[] {
  const shown = verbose === true ? details : level === "ok" ? [] : firstOf(details);
  return [
    `  ${formatMark(level)} ${text}`,
    ...[...shown, meaning].filter((line) => line !== "").map((line) => INDENT + line),
    ...(command === "" ? [] : [`${INDENT}→ ${command}`]),
  ];
}

/** The first of the lines, and how many more there are. */
function firstOf(lines: readonly string[]): string[] {
  const more = lines.length - SHOWN_AT_MOST;
  return more > 0 ? [...lines.slice(0, SHOWN_AT_MOST), `and ${more} more`] : [...lines];
}

/** `2 faults, 1 warning; podwire doctor --fix mends 1 of them` */
export function summarise(found: readonly Found[]): string {
  const faults = found.filter(({ level }) => level === "fault").length;
  const warnings = found.filter(({ level }) => level === "warning").length;
  if (faults + warnings === 0) return "All is well.";
  const counted = [count(faults, "fault"), count(warnings, "warning")].join(", ");
  const fixable = found.filter(({ fix }) => fix !== undefined).length;
  return `${counted}${fixable === 0 ? "" : `; podwire doctor --fix mends ${fixable} of them`}`;
}

export function toJson({ group, check, level, text, meaning, command, details, fix }: Found): object {
  return {
    group,
    check,
    level,
    text,
    details,
    meaning: meaning || null,
    command: command || null,
    fixable: fix !== undefined,
  };
}
