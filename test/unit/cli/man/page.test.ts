/** The manual page from definitions. */

import { expect, test } from "vitest";
import type { Command } from "../../../../src/cli/command.ts";
import { PODWIRE } from "../../../../src/cli/commands.ts";
import { formatPage } from "../../../../src/cli/man/page.ts";

const EDITION = { version: "1.2.3", date: "2026-01-02" };

function toolWith(command: Partial<Command>): string {
  const inner = { name: "a", summary: "", description: [], ...command };
  const tool = { name: "podwire", summary: "", description: ["A tool."], subcommands: [inner] };
  return formatPage(tool, EDITION);
}

test("formatPage() begins with name, section, date and version", () => {
  expect(toolWith({}).split("\n")[0]).toBe(
    '.TH "PODWIRE" "8" "2026-01-02" "podwire 1.2.3" "Container networking"',
  );
});

test("formatPage() describes a command with usage, options, defaults and what its help ends with", () => {
  const command: Command = {
    name: "list",
    summary: "list",
    description: ["Lists."],
    arguments: [{ term: "<kind>", values: "anything" }],
    options: [
      { flags: "--dir", value: "<directory>", values: "directory", fallback: "/a", description: "where" },
    ],
    examples: [["podwire list x", "why"]],
    exitStatus: { 0: "done" },
  };
  expect(toolWith(command)).toContain(
    [
      '.SS "podwire list [options] <kind>"',
      "Lists.",
      ".TP",
      "\\fB\\-\\-dir <directory>\\fR",
      'where (default: "/a")',
      ".PP",
      "Examples:",
      ".RS 4",
      ".nf",
      "podwire list x",
      "    why",
      ".fi",
      ".RE",
      ".PP",
      "Exit status:",
      ".RS 4",
      "0 done.",
      ".RE",
    ].join("\n"),
  );
});

test("formatPage() describes a group and each of its commands", () => {
  const inner = { name: "inner", summary: "", description: ["Inner."] };
  const page = toolWith({ name: "group", description: ["A group."], subcommands: [inner] });
  expect(page.match(/^\.SS .*$/gm)).toEqual(['.SS "podwire group"', '.SS "podwire group inner [options]"']);
});

test("formatPage() leaves hidden commands out", () => {
  expect(formatPage(PODWIRE, EDITION)).not.toContain("podwire complete ");
});
