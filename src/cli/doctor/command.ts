/** `podwire doctor`: what is wrong with this node, what it means for pods, and what fixes it. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import { GROUPS } from "./groups.ts";
import type { DoctorOptions } from "./run.ts";

export const DOCTOR: Command<DoctorOptions, [groups: readonly string[]]> = {
  name: "doctor",
  summary: "find problems of this node and how to fix them",
  description: paragraphs(`Checks this node for whatever keeps pods from their network. Changes nothing.

Each check prints a line: ✓ all is well, ! a warning: pods work, but you should
know, ✗ a fault: pods do not work. The lines below a problem say what it means for
pods, and after → what fixes it.

Looks where podwire install has put things, as its receipt says; --config-dir and
--plugin-dir look elsewhere.

--fix fixes what can be fixed without harm to any pod: it turns forwarding on, sets
the modes of podwire's own directories, removes leftovers of dead pods (podwire gc) and
restores missing rules (podwire repair).`),
  arguments: [{ term: "[groups...]", values: { only: GROUPS }, description: "run only these checks" }],
  options: [
    { flags: "--fix", description: "fix what can be fixed without harm" },
    { flags: "-v, --verbose", description: "also details of what is well" },
    {
      flags: "--plugin-dir",
      value: "<directories>",
      values: "directory",
      description: "directories of the runtime's plugins; default: as installed",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire doctor"],
    ["podwire doctor pools leaks", "usage of address pools, and leftovers of dead pods"],
    ["podwire doctor --fix", "fixes what is safe, then checks again"],
    [
      `podwire doctor --json | jq -r '.[] | select(.level == "fault") | .text'`,
      '[{"group", "check", "level", "text", "details", "meaning", "command", "fixable"}]; level: ok, warning, fault',
    ],
  ],
  exitStatus: { 0: "no fault (there may be warnings)", 1: "a fault", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runDoctor(call),
};
