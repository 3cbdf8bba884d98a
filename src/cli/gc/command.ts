/** `podwire gc`: removes leftovers of dead pods from the node. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, PLUGIN_DIR_OPTION } from "../options.ts";
import type { GcOptions } from "./run.ts";

export const GC: Command<GcOptions> = {
  name: "gc",
  summary: "remove leftovers of dead pods",
  description: paragraphs(`Removes leftovers of dead pods from this node.

An attachment is removed if its network namespace is gone, with everything it had:
interfaces, addresses, rules, virtual function, record. Interfaces, rules and claims
that bear the mark of an attachment without a record and without a pod are removed
too, and addresses that nobody holds. Last come bridges, VLANs and rules that no
network and no pod uses; --dry-run does not list these.

With --cri the container runtime is asked for its sandboxes: an attachment that it
has no sandbox of is removed even if its network namespace exists, five minutes
after its ADD; objects without a record stay if their sandbox exists. A running ADD
is never affected.

Attachments and addresses of a network are left alone if its configuration list says
"disableGC": true, as several runtimes that share a network want it; --force removes
these too.`),
  options: [
    { flags: "--dry-run", description: "print what would be removed, and remove nothing" },
    {
      flags: "--cri",
      value: "[socket]",
      values: "file",
      description: "also remove attachments that the runtime at this socket has no sandbox of",
    },
    { flags: "-f, --force", description: 'even where a configuration list says "disableGC"' },
    PLUGIN_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ["podwire gc --dry-run", "what would be removed, and why"],
    ["podwire gc"],
    [
      "podwire gc --cri unix:///run/containerd/containerd.sock",
      "also attachments that the runtime has forgotten; without a socket: the usual ones",
    ],
    ["podwire gc --json | jq '.collected[] | select(.problem)'", "what could not be removed"],
  ],
  exitStatus: { 0: "done", 1: "something could not be removed", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runGc(call),
};
