/** `podwire cluster`: the nodes, and how their pods are reached from here. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";

export const CLUSTER: Command<OutputOptions> = {
  name: "cluster",
  summary: "show the nodes of the cluster, and how their pods are reached",
  description:
    paragraphs(`Shows the nodes of the cluster as the agent of this node sees them: addresses, ranges
of pods, how packets get there and how large they may be, and since when all is well
or not. The first line, marked with *, is this node; its MTU is that of its pods.

What is wrong stands below the table, with what to do.`),
  options: [JSON_OPTION],
  examples: [["podwire cluster"], ["podwire cluster --json"]],
  exitStatus: { 0: "all nodes are reached", 1: "some are not, or the agent does not run" },
  run: async (call) => (await import("./show.ts")).showCluster(call),
};
