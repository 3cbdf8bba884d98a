/** The help of every command. */

import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { PODWIRE as PROGRAM } from "../../src/cli/commands.ts";
import { formatHelp } from "../../src/cli/help/format.ts";
import { lastOf, nameOf, type Trail } from "../../src/cli/help/terms.ts";
import { PODWIRE } from "../support/node/node.ts";

const GROUPS = {
  network: ["create", "list", "get", "update", "delete"],
  "perf-tier": ["create", "list", "get", "delete"],
  endpoint: ["create", "list", "get", "delete"],
};

function run(...args: string[]) {
  return spawnSync(PODWIRE, args, { encoding: "utf8", input: "", env: { PATH: process.env.PATH ?? "" } });
}

test.for(Object.entries(GROUPS).flatMap(([group, names]) => names.map((name) => [group, name] as const)))(
  "podwire %s %s explains itself with examples when asked for help",
  ([group, name]) => {
    const { status, stdout } = run(group, name, "--help");
    expect(status).toBe(0);
    expect(stdout).toMatch(new RegExp(`^Usage: podwire ${group} ${name} `));
    expect(stdout).toMatch(new RegExp(`Examples:\n(.*\n)*  podwire ${group} ${name}`));
    for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
  },
);

test.for(Object.keys(GROUPS))(
  "podwire %s lists its commands and exits with 2 when none is given",
  (group) => {
    const { status, stdout, stderr } = run(group);
    expect([status, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(/Commands:(.|\n)*Examples:/);
  },
);

test.for(Object.keys(GROUPS))("podwire %s exits with 2 and says why when the command is unknown", (group) => {
  const { status, stdout, stderr } = run(group, "nonsense");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain("nonsense");
});

function trailsFrom(trail: Trail): Trail[] {
  const { subcommands = [] } = lastOf(trail);
  return [trail, ...subcommands.flatMap((inner) => trailsFrom([...trail, inner]))];
}

test.for([60, 80, 120])("podwire breaks the help of every command to a terminal of %i columns", (columns) => {
  const trails = trailsFrom([PROGRAM]);
  const calls = trails.map((trail) => `${nameOf(trail).replace("podwire", PODWIRE)} --help`);
  const script = [`stty cols ${columns} -onlcr`, ...calls].join("\n");
  const { stdout } = spawnSync("script", ["-qec", script, "/dev/null"], { encoding: "utf8", input: "" });
  expect(stdout).toBe(trails.map((trail) => formatHelp(trail, columns)).join(""));
});
