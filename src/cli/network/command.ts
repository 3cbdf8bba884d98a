/** `podwire network`: the networks that pods can ask for by name. */

import type { Command } from "../command.ts";
import type { ConfirmOptions } from "../confirm.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, YES_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import { CREATE } from "./create-command.ts";
import type { ListOptions } from "./list.ts";
import { NETWORK_GROUP_OPTION, SET_DEFAULT_OPTION, ZONE_OPTION } from "./options.ts";
import type { UpdateOptions } from "./update.ts";

const LIST: Command<ListOptions> = {
  name: "list",
  summary: "list networks",
  description: paragraphs(`Lists the networks of this node.

TOTAL counts the addresses of the range, USED those that pods or endpoints have. A
network with a gateway is public, one without is private. On a dual-stack network
there are two values with a comma between them, for the IPv4 and the IPv6 range.`),
  options: [
    {
      flags: "--type",
      value: "<type>",
      values: "network types",
      description: "only networks of this type; also public, private",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire network list"],
    ["podwire network list --type storage", "those that were made with --type storage"],
    [
      "podwire network list --json | jq -r '.[] | select(.isDefault).name'",
      "the name of the default network",
    ],
  ],
  exitStatus: {
    0: "done",
    1: "a file could not be read (standard error says which)",
    2: "wrong arguments",
  },
  run: async (call) => (await import("./list.ts")).listAllNetworks(call),
};

const GET: Command<OutputOptions, [name: string]> = {
  name: "get",
  summary: "show one network",
  description: ["Shows one network: its row of the list, and how pods are attached to it."],
  arguments: [{ term: "<name>", values: "networks" }],
  options: [JSON_OPTION],
  examples: [
    ["podwire network get web"],
    [
      "podwire network get web --json",
      'as in its file, with "isDefault", "isPublic" and "usage" for each range',
    ],
  ],
  exitStatus: { 0: "done", 1: "there is none of that name, or its file is wrong", 2: "wrong arguments" },
  run: async (call) => (await import("./get.ts")).getNetwork(call),
};

const UPDATE: Command<UpdateOptions, [name: string]> = {
  name: "update",
  summary: "change a network",
  description:
    paragraphs(`Changes a network: whether it is the default, its group and zone, the end of its range.

A range can be extended but never reduced: pods may have its addresses. To change
anything else, delete the network and create it again.`),
  arguments: [{ term: "<name>", values: "networks" }],
  options: [
    SET_DEFAULT_OPTION,
    { flags: "--clear-default", description: "it is no longer the default network" },
    { ...NETWORK_GROUP_OPTION, description: "its group; empty: none" },
    { ...ZONE_OPTION, description: "its zone; empty: none" },
    {
      flags: "--end",
      value: "<address>",
      values: "anything",
      reads: "list",
      description: "a later last address of the range",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire network update web --set-default", "pods that ask for no network get this one"],
    [
      "podwire network update web --end 10.10.120.200",
      "more addresses; for dual stack one or both, with a comma between them",
    ],
    ["podwire network update web --network-group ''", "no longer in a group"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./update.ts")).updateNetwork(call),
};

const DELETE: Command<ConfirmOptions, [name: string]> = {
  name: "delete",
  summary: "delete a network that is not in use",
  description: paragraphs(`Deletes a network.

Refused while pods or endpoints have its addresses. If it was the default network,
there is none afterwards.`),
  arguments: [{ term: "<name>", values: "networks" }],
  options: [YES_OPTION],
  examples: [["podwire network delete web", "asks first"], ["podwire network delete web --yes"]],
  exitStatus: { 0: "done", 1: "refused or there is none", 2: "wrong arguments" },
  run: async (call) => (await import("./delete.ts")).deleteNetwork(call),
};

export const NETWORK: Command = {
  name: "network",
  summary: "manage networks that pods ask for by name",
  description: paragraphs(`Networks that pods can ask for by name.

A network is one file, <config-dir>/networks/<name>.json, which these commands write
and you may edit. A pod asks for it by the annotation
diamanti.com/endpoint0: '{"network":"web","perfTier":"high"}'`),
  examples: [["podwire network list"], ["podwire network create --help"], ["podwire network delete web"]],
  subcommands: [CREATE, LIST, GET, UPDATE, DELETE],
};
