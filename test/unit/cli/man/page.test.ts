/** The manual page from definitions. */

import { Command } from "commander";
import { expect, test } from "vitest";
import { createProgram } from "../../../../src/cli/create-program.ts";
import { formatPage } from "../../../../src/cli/man/page.ts";

const EDITION = { version: "1.2.3", date: "2026-01-02" };

function toolWith(command: Command): string {
  return formatPage(new Command("podwire").description("A tool.").addCommand(command), EDITION);
}

test("formatPage() begins with name, section, date and version", () => {
  expect(toolWith(new Command("a")).split("\n")[0]).toBe(
    '.TH "PODWIRE" "8" "2026-01-02" "podwire 1.2.3" "Container networking"',
  );
});

test("formatPage() describes a command with usage, options, defaults and what its help ends with", () => {
  const command = new Command("list")
    .argument("<kind>")
    .description("Lists.")
    .option("--dir <folder>", "where", "/a")
    .addHelpText("after", "\nExamples:\n  podwire list x\n      why\n\nExit status: 0 done.");
  expect(toolWith(command)).toContain(
    [
      '.SS "podwire list [options] <kind>"',
      "Lists.",
      ".TP",
      "\\fB\\-\\-dir <folder>\\fR",
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
  const group = new Command("group")
    .description("A group.")
    .addCommand(new Command("inner").description("Inner."));
  const page = toolWith(group);
  expect(page.match(/^\.SS .*$/gm)).toEqual(['.SS "podwire group"', '.SS "podwire group inner [options]"']);
});

test("formatPage() leaves hidden commands out", () => {
  expect(
    formatPage(
      createProgram(() => {}),
      EDITION,
    ),
  ).not.toContain("podwire complete ");
});
