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

TOTAL counts the addresses of the range, USED those that pods have or endpoints
keep. A network with a gateway is public, one without is private. Two values with
a comma between them are those of an IPv4 and an IPv6 range.`),
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

A range can be extended, never made smaller: pods may have its addresses. What
else a network has stays as it is; delete it and make it anew.`),
  arguments: [{ term: "<name>", values: "networks" }],
  options: [
    SET_DEFAULT_OPTION,
    { flags: "--clear-default", description: "pods that ask for none no longer get it" },
    { ...NETWORK_GROUP_OPTION, description: "its group; empty: none" },
    { ...ZONE_OPTION, description: "its zone; empty: none" },
    {
      flags: "--end",
      value: "<address>",
      values: "anything",
      reads: "list",
      description: "a later last address",
    },
    JSON_OPTION,
  ],
  examples: [
    ["podwire network update web --set-default", "pods that ask for no network get this one"],
    [
      "podwire network update web --end 10.10.120.200",
      "more addresses; for dual stack one or both, with a comma between them",
    ],
    ["podwire network update web --network-group ''", "in no group any more"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./update.ts")).updateNetwork(call),
};

const DELETE: Command<ConfirmOptions, [name: string]> = {
  name: "delete",
  summary: "delete a network that nobody uses",
  description: paragraphs(`Deletes a network.

Refused while pods have its addresses or endpoints keep some. Where it was the
default network, there is none afterwards.`),
  arguments: [{ term: "<name>", values: "networks" }],
  options: [YES_OPTION],
  examples: [["podwire network delete web", "asks first"], ["podwire network delete web --yes"]],
  exitStatus: { 0: "done", 1: "refused or there is none", 2: "wrong arguments" },
  run: async (call) => (await import("./delete.ts")).deleteNetwork(call),
};

export const NETWORK: Command = {
  name: "network",
  summary: "networks that pods can ask for by name",
  description: paragraphs(`Networks that pods can ask for by name.

A network is one file, <config-dir>/networks/<name>.json; these commands write
it, and so may you. A pod asks for it by the annotation
diamanti.com/endpoint0: '{"network":"web","perfTier":"high"}'`),
  examples: [["podwire network list"], ["podwire network create --help"], ["podwire network delete web"]],
  subcommands: [CREATE, LIST, GET, UPDATE, DELETE],
};
