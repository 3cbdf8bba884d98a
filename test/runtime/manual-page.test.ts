/** The manual page, as the readers of manual pages take it. */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { PODWIRE } from "../support/node/node.ts";

let page: string;

function run(command: string, args: readonly string[], input = ""): { stdout: string; stderr: string } {
  const env = { PATH: process.env.PATH ?? "", MANWIDTH: "100", LC_ALL: "C.UTF-8" };
  return spawnSync(command, args, { encoding: "utf8", input, env });
}

beforeAll(() => {
  page = run(PODWIRE, ["man"]).stdout;
});

/** Without what makes letters bold or underlined. */
function read(command: string, args: readonly string[]): string {
  return run("col", ["-b", "-x"], run(command, args, page).stdout).stdout;
}

test("podwire man prints a page that mandoc finds nothing wrong with", () => {
  expect(run("mandoc", ["-T", "lint", "-W", "warning"], page)).toMatchObject({ stdout: "", stderr: "" });
});

test("podwire man prints a page that groff finds nothing wrong with", () => {
  const { stderr } = run("groff", ["-man", "-Tutf8", "-ww", "-z"], page);
  expect(stderr).toBe("");
});

test.for([
  ["man", ["-l", "-"]],
  ["mandoc", ["-T", "utf8"]],
] as const)(
  "%s shows every command with options, examples and exit status when it reads the page",
  ([command, args]) => {
    const shown = read(command, args);
    for (const name of ["attachments", "network create", "vf set-count", "install", "completion", "man"])
      expect(shown).toMatch(
        new RegExp(`^   podwire ${name}.*\\n(?:(?!^   podwire )(?:.*\\n))*?.*Exit status:`, "m"),
      );
    expect(shown).toContain("--attach <kind>");
    expect(shown).toMatch(
      /^ +podwire attachments --json \| jq -r '\.\[\] \| select\(\.isAlive \| not\)\.containerId'$/m,
    );
  },
);

test("the build writes the page beside the executable, as podwire man prints it", () => {
  expect(readFileSync(join(dirname(PODWIRE), "podwire.8"), "utf8")).toBe(page);
});
