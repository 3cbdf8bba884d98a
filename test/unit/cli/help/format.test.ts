/** The help of every command, at widths that terminals have. */

import { expect, test } from "vitest";
import type { Command } from "../../../../src/cli/command.ts";
import { PODWIRE } from "../../../../src/cli/commands.ts";
import { formatHelp } from "../../../../src/cli/help/format.ts";
import { lastOf, nameOf, type Trail } from "../../../../src/cli/help/terms.ts";

const TERMINALS = [60, 80, 120] as const;
/** However wide the terminal is. */
const WIDEST = 100;

function trailsFrom(trail: Trail): Trail[] {
  const { subcommands = [] } = lastOf(trail);
  return [trail, ...subcommands.flatMap((inner) => trailsFrom([...trail, inner]))];
}

/** What stands as it is written: lines of examples and of tables. */
function verbatimLinesOf({ description, examples = [] }: Command): string[] {
  const tables = description.filter((paragraph) => paragraph.startsWith(" "));
  const lines = examples.flatMap(([line]) => line.split("\n").map((part) => `  ${part}`));
  return [...lines, ...tables.flatMap((table) => table.split("\n"))];
}

/** Where the text of a line begins: behind the term, where it has one. */
function columnOfText(line: string): number {
  const behindTerm = /^ {2}\S.*? {2,}(?=\S)/.exec(line)?.[0].length;
  return behindTerm ?? line.search(/\S/);
}

/** Lines behind which the first word of the next one would have had room. */
function shortLines(lines: readonly string[], width: number): string[] {
  return lines.filter((line, index) => {
    const next = lines[index + 1] ?? "";
    const goesOn = next.search(/\S/) >= 0 && next.search(/\S/) === columnOfText(line);
    return goesOn && line.length + 1 + (next.trimStart().split(" ")[0] ?? "").length <= width;
  });
}

const CASES = trailsFrom([PODWIRE]).flatMap((trail) =>
  TERMINALS.map((terminal) => ({ trail, name: nameOf(trail), terminal })),
);

test.for(CASES)("formatHelp() breaks the text of $name once at $terminal columns", ({ trail, terminal }) => {
  const width = Math.min(terminal, WIDEST);
  const verbatim = verbatimLinesOf(lastOf(trail));
  const lines = formatHelp(trail, terminal)
    .split("\n")
    .map((line) => (verbatim.includes(line) ? "" : line));
  const tooLong = lines.filter((line) => line.length > width && line.trim().includes(" "));
  expect(tooLong).toEqual([]);
  expect(shortLines(lines, width)).toEqual([]);
});

test("formatHelp() puts a term on a line of its own when it leaves the descriptions no room", () => {
  const options = ["-x", "--file", "--an-option-with-a-long-name"].map((flags) => ({
    flags,
    description: "does what it does",
  }));
  const help = formatHelp([{ name: "tool", summary: "", description: ["A tool."], options }], 40);
  expect(help).toBe(
    [
      "Usage: tool [options]",
      "",
      "A tool.",
      "",
      "Options:",
      "  -x          does what it does",
      "  --file      does what it does",
      "  --an-option-with-a-long-name",
      "              does what it does",
      "  -h, --help  display help for command",
      "",
    ].join("\n"),
  );
});
