/** `podwire doctor`: what is wrong with this node, what it means for pods, and what mends it. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, PLUGIN_DIR_OPTION } from "../options.ts";
import { GROUPS } from "./groups.ts";
import type { DoctorOptions } from "./run.ts";

export const DOCTOR: Command<DoctorOptions, [groups: readonly string[]]> = {
  name: "doctor",
  summary: "say what is wrong with this node, and what mends it",
  description: paragraphs(`Looks at this node, and says what keeps pods from their network.

One line for each thing that was looked at: ✓ it is as it should be, ! pods are
served, yet somebody should know, ✗ pods are not served. Below what is not well
stands what it means for pods, and behind → what mends it. Nothing is changed.

With --fix what can be mended without harm to any pod is: forwarding is turned
on, folders of podwire's own get their modes, what dead pods have left is removed
(podwire gc), what the rulesets have lost is put back (podwire repair).`),
  arguments: [{ term: "[groups...]", values: { only: GROUPS }, description: "look at these alone" }],
  options: [
    { flags: "--fix", description: "mend what can be mended without harm" },
    { flags: "-v, --verbose", description: "details of what is well too" },
    { ...PLUGIN_DIR_OPTION, description: "where the runtime looks for plugins" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire doctor"],
    ["podwire doctor pools leaks", "how full the address pools are, and what dead pods have left"],
    ["podwire doctor --fix", "mends what is safe, then looks again"],
    [
      `podwire doctor --json | jq -r '.[] | select(.level == "fault") | .text'`,
      '[{"group", "check", "level", "text", "details", "meaning", "command", "fixable"}]; level: ok, warning, fault',
    ],
  ],
  exitStatus: { 0: "no fault (there may be warnings)", 1: "a fault", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runDoctor(call),
};
