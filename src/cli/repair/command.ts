/** `podwire repair`: puts back what the records say and the kernel has lost. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";

export const REPAIR: Command<OutputOptions> = {
  name: "repair",
  summary: "put back what the node's rulesets have lost",
  description: paragraphs(`Puts back what somebody took from podwire's nftables tables.

Masquerade, host ports and guards of pods are elements of the tables
"inet podwire" and "bridge podwire". Where these were flushed or deleted
("nft flush ruleset", a firewall that was reloaded), this makes them again, each
pod's elements from its record in /run/podwire. What is there is left alone.

Virtual functions that lie on the node with the mark of a pod that is gone get
their names and settings back, and the pod's addresses are freed.`),
  options: [JSON_OPTION],
  examples: [
    ["podwire repair", "one line for each attachment that was not whole"],
    [
      "podwire repair --json",
      'the same for programs: [{"network", "containerId", "ifname", "missing", "rules", "forward", "localnet", "vf", "problem"}]',
    ],
  ],
  exitStatus: {
    0: "all is whole now",
    1: "something could not be put back",
    2: "called with wrong arguments",
  },
  run: async (call) => (await import("./run.ts")).runRepair(call),
};
