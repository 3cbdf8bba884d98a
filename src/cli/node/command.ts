/** `podwire node`: the nodes of a cluster, and where they come from files the files. */

import { KUBECONFIG_OPTION } from "../api.ts";
import type { Command } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, YES_OPTION } from "../options.ts";
import type { CreateOptions } from "./create.ts";
import type { DeleteOptions, ShowOptions } from "./existing.ts";
import { LOCAL_OPTION } from "./origin.ts";

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
    LOCAL_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ["podwire node create node1 -a 192.168.1.11 -r 10.244.1.0/24"],
    ["podwire node create node2 -a 192.168.1.12,fd00::12 -r 10.244.2.0/24,fd00:10:244:2::/64"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./create.ts")).createNode(call),
};

/** Of the commands that change nothing. */
const SHOWN_FROM = [LOCAL_OPTION, KUBECONFIG_OPTION, JSON_OPTION];

const LIST: Command<ShowOptions> = {
  name: "list",
  summary: "list the nodes",
  description:
    paragraphs(`Lists the nodes of the cluster: those that have a file, or on a node of a Kubernetes
cluster those that its agent knows. With a kubeconfig it asks the API itself, from
wherever that is reached. podwire cluster shows how each node is reached from here.`),
  options: SHOWN_FROM,
  examples: [
    ["podwire node list"],
    ["podwire node list --json"],
    ["podwire node list --kubeconfig ~/.kube/config", "of that cluster, from anywhere"],
  ],
  run: async (call) => (await import("./existing.ts")).listNodes(call),
};

const GET: Command<ShowOptions, [name: string]> = {
  name: "get",
  summary: "show one node",
  description: ["Shows one node, from where podwire node list has it."],
  arguments: [{ term: "<name>", values: "nodes" }],
  options: SHOWN_FROM,
  examples: [["podwire node get node2 --json"]],
  run: async (call) => (await import("./existing.ts")).getNode(call),
};

const DELETE: Command<DeleteOptions, [name: string]> = {
  name: "delete",
  summary: "forget a node",
  description: ["Forgets a node: this one has no routes to its pods any more."],
  arguments: [{ term: "<name>", values: "nodes" }],
  options: [LOCAL_OPTION, YES_OPTION],
  examples: [["podwire node delete node2 --yes"]],
  run: async (call) => (await import("./existing.ts")).deleteNode(call),
};

export const NODE: Command = {
  name: "node",
  summary: "show the nodes of a cluster, and describe them in files",
  description: paragraphs(`The nodes of a cluster. Without Kubernetes each is a file, nodes/<name>.json below
--config-dir, that a person or a configuration management hands out to every node;
with Kubernetes they are the cluster's own, and come and go with its Nodes.

podwire agent with {"cluster": {"nodes": "files"}} or "kubernetes" in its configuration
makes the routes and tunnels between them.`),
  examples: [
    ["podwire node create node1 -a 192.168.1.11 -r 10.244.1.0/24"],
    ["podwire node list"],
    ["podwire node delete node1 --yes"],
  ],
  subcommands: [CREATE, LIST, GET, DELETE],
};
