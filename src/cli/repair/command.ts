/** `podwire repair`: restores what the records say and the kernel no longer has. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";

export const REPAIR: Command<OutputOptions> = {
  name: "repair",
  summary: "restore missing rules",
  description: paragraphs(`Restores missing rules and elements of podwire's nftables tables.

Masquerade, host ports and guards of pods are elements of the tables
"inet podwire" and "bridge podwire". If these were flushed or deleted
("nft flush ruleset", a firewall reload), this command makes them again, the
elements of each pod from its record in /run/podwire. Existing ones are left alone.
Rules in foreign chains that forwarded packets need, and the sysctl route_localnet
that host ports need, are restored too.

Virtual functions that are back on the node with the mark of a dead pod get their
names and settings back, and the pod's addresses are freed.

Interfaces, addresses and routes are not checked: podwire doctor drift does that.`),
  options: [JSON_OPTION],
  examples: [
    ["podwire repair", "one line for each attachment of which something was missing, and what was checked"],
    [
      "podwire repair --json",
      'the same for programs: [{"network", "containerId", "ifname", "missing", "rules", "forward", "localnet", "vf", "problem"}]',
    ],
  ],
  exitStatus: {
    0: "nothing is missing now",
    1: "something could not be restored",
    2: "called with wrong arguments",
  },
  run: async (call) => (await import("./run.ts")).runRepair(call),
};
