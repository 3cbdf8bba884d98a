/** The command line as a person at a node meets it. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { PODWIRE } from "../support/node/node.ts";

function podwire(...args: string[]) {
  return spawnSync(PODWIRE, args, { encoding: "utf8", input: "", env: { PATH: process.env.PATH ?? "" } });
}

test("podwire prints version, commit and CNI versions when asked for its version", () => {
  const { status, stdout } = podwire("--version");
  expect(status).toBe(0);
  expect(stdout).toMatch(
    /^podwire \d+\.\d+\.\d+ \(commit [0-9a-f]{12}(-dirty)?\)\nCNI versions: 0\.1\.0, .*, 1\.1\.0\n$/,
  );
});

test("podwire explains itself with examples when asked for help", () => {
  const { status, stdout } = podwire("--help");
  expect(status).toBe(0);
  expect(stdout).toMatch(/Usage: podwire[\s\S]*Examples:[\s\S]*Exit status:/);
});

test.for([["--nonsense"], ["nonsense"]])("podwire exits with 2 and says why when called with %s", (args) => {
  const { status, stdout, stderr } = podwire(...args);
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("nonsense");
});
