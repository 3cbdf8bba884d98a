/** `podwire gc`: removes what pods that are gone have left on the node. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, PLUGIN_DIR_OPTION } from "../options.ts";
import type { GcOptions } from "./run.ts";

export const GC: Command<GcOptions> = {
  name: "gc",
  summary: "remove what pods that are gone have left",
  description: paragraphs(`Removes what pods that are gone have left on this node.

An attachment goes where its network namespace is gone, with all that it had:
interfaces, addresses, rules, virtual function, record. So does what bears the mark
of an attachment without a record and without a pod, and addresses that nobody has.
Afterwards bridges, VLANs and rules go that no network and no pod uses; --dry-run
does not foretell these.

With --cri the container runtime is asked for its sandboxes: what it has none of
goes too, though its network namespace be there, five minutes after its ADD; what
it has stays. A running ADD is never in danger.`),
  options: [
    { flags: "--dry-run", description: "say what would be removed, and remove nothing" },
    {
      flags: "--cri",
      value: "[socket]",
      values: "file",
      description: "also what the container runtime at this socket has no sandbox of",
    },
    PLUGIN_DIR_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ["podwire gc --dry-run", "what would be removed, and why"],
    ["podwire gc"],
    [
      "podwire gc --cri unix:///run/containerd/containerd.sock",
      "also namespaces that a runtime has forgotten; without a socket: the usual ones",
    ],
    ["podwire gc --json | jq '.collected[] | select(.problem)'", "what could not be removed"],
  ],
  exitStatus: { 0: "done", 1: "something could not be removed", 2: "called with wrong arguments" },
  run: async (call) => (await import("./run.ts")).runGc(call),
};
