/** The help of a command. */

import type { Example } from "../command.ts";
import {
  argumentNameOf,
  describeArgument,
  describeExitStatus,
  describeOption,
  lastOf,
  listedCommandsOf,
  listedOptionsOf,
  listedUsageOf,
  optionTermOf,
  type Trail,
  usageOf,
} from "./terms.ts";
import { wrap, wrapIndented } from "./wrap.ts";

const INDENT = 2;
const GAP = 2;
const MEANING_INDENT = 6;
/** Longer lines are harder to read, however wide the terminal is. */
const WIDEST = 100;
/** Of the width, what terms may take from the descriptions beside them. */
const MOST_FOR_TERMS = 0.45;

type Item = readonly [term: string, description: string];

/** `terminal`: its columns. Texts are broken into lines, examples and tables are not. Ends with a line end. */
export function formatHelp(trail: Trail, terminal: number): string {
  const width = Math.min(terminal, WIDEST);
  const command = lastOf(trail);
  const described = (command.arguments ?? []).filter(({ description }) => description !== undefined);
  const lists: Readonly<Record<string, readonly Item[]>> = {
    "Arguments:": described.map((one) => [argumentNameOf(one), describeArgument(one)]),
    "Options:": listedOptionsOf(command).map((one) => [optionTermOf(one), describeOption(one)]),
    "Commands:": listedCommandsOf(trail).map((one) => [listedUsageOf(one), one.summary]),
  };
  const column = columnOf(Object.values(lists).flat(), width);
  const blocks = [
    [`Usage: ${usageOf(trail)}`],
    ...command.description.map((paragraph) => formatParagraph(paragraph, width)),
    ...Object.entries(lists).map(([heading, items]) =>
      withHeading(
        heading,
        items.flatMap((item) => formatItem(item, column, width)),
      ),
    ),
    withHeading(
      "Examples:",
      (command.examples ?? []).flatMap((example) => formatExample(example, width)),
    ),
    command.exitStatus === undefined
      ? []
      : wrap(`Exit status: ${describeExitStatus(command.exitStatus)}`, width),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join("\n"));
  return `${shown.join("\n\n")}\n`;
}

function formatParagraph(paragraph: string, width: number): string[] {
  return paragraph.startsWith(" ") ? paragraph.split("\n") : wrap(paragraph, width);
}

function withHeading(heading: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [heading, ...lines];
}

/** Where descriptions begin: behind the longest of the terms that leave them room. */
function columnOf(items: readonly Item[], width: number): number {
  const ends = items.map(([term]) => INDENT + term.length + GAP);
  return Math.max(...ends.filter((end) => end <= width * MOST_FOR_TERMS));
}

/** A longer term has a line of its own. */
function formatItem([term, description]: Item, column: number, width: number): string[] {
  const lines = wrapIndented(description, column, width);
  const start = " ".repeat(INDENT) + term;
  if (start.length + GAP > column) return [start, ...lines];
  return [start.padEnd(column) + (lines[0] ?? "").slice(column), ...lines.slice(1)];
}

function formatExample([line, meaning]: Example, width: number): string[] {
  return [
    ...line.split("\n").map((part) => " ".repeat(INDENT) + part),
    ...(meaning === undefined ? [] : wrapIndented(meaning, MEANING_INDENT, width)),
  ];
}
