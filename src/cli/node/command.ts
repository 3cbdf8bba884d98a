/** `podwire node`: the nodes of a cluster whose nodes come from files. */

import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, YES_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import type { CreateOptions } from "./create.ts";
import type { DeleteOptions } from "./existing.ts";

const CREATE: Command<CreateOptions, [name: string]> = {
  name: "create",
  summary: "describe a node of the cluster",
  description: paragraphs(`Describes a node of the cluster: the addresses that the others reach it by, and the
ranges of its pods. Each node needs the files of all, also its own; the agent
follows them, and routes are there in a moment.`),
  arguments: [{ term: "<name>", values: "anything" }],
  options: [
    {
      flags: "-a, --address",
      value: "<address>",
      values: "anything",
      reads: "list",
      isRequired: true,
      description: "its address, or one of each family with a comma",
    },
    {
      flags: "-r, --range",
      value: "<network>",
      values: "anything",
      reads: "list",
      fallback: [],
      description: "network of its pods; several with commas",
    },
    {
      flags: "--mtu",
      value: "<bytes>",
      values: "anything",
      description: "what passes its uplink in one piece, where that is not what passes this node's",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire node create node1 -a 192.168.1.11 -r 10.244.1.0/24"],
    ["podwire node create node2 -a 192.168.1.12,fd00::12 -r 10.244.2.0/24,fd00:10:244:2::/64"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./create.ts")).createNode(call),
};

const LIST: Command<OutputOptions> = {
  name: "list",
  summary: "list the nodes",
  description: ["Lists the nodes that have a file. podwire cluster shows how each is reached."],
  options: [JSON_OPTION],
  examples: [["podwire node list"], ["podwire node list --json"]],
  run: async (call) => (await import("./existing.ts")).listNodes(call),
};

const GET: Command<OutputOptions, [name: string]> = {
  name: "get",
  summary: "show one node",
  description: ["Shows one node."],
  arguments: [{ term: "<name>", values: "nodes" }],
  options: [JSON_OPTION],
  examples: [["podwire node get node2 --json"]],
  run: async (call) => (await import("./existing.ts")).getNode(call),
};

const DELETE: Command<DeleteOptions, [name: string]> = {
  name: "delete",
  summary: "forget a node",
  description: ["Forgets a node: this one has no routes to its pods any more."],
  arguments: [{ term: "<name>", values: "nodes" }],
  options: [YES_OPTION],
  examples: [["podwire node delete node2 --yes"]],
  run: async (call) => (await import("./existing.ts")).deleteNode(call),
};

export const NODE: Command = {
  name: "node",
  summary: "describe the nodes of a cluster in files",
  description: paragraphs(`Nodes of a cluster without Kubernetes: each is a file, nodes/<name>.json below
--config-dir, that a person or a configuration management hands out to every node.

podwire agent with {"cluster": {"nodes": "files"}} in its configuration makes the
routes and tunnels between them.`),
  examples: [
    ["podwire node create node1 -a 192.168.1.11 -r 10.244.1.0/24"],
    ["podwire node list"],
    ["podwire node delete node1 --yes"],
  ],
  subcommands: [CREATE, LIST, GET, DELETE],
};
