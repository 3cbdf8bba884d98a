/** `podwire endpoint`: addresses that stay with a name, whichever pod uses it. */

import type { Command, ValueOption } from "../command.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, LABELS_OPTION, YES_OPTION } from "../options.ts";
import type { CreateOptions } from "./create.ts";
import type { DeleteOptions, GetOptions, ListOptions } from "./existing.ts";

const NS_OPTION: ValueOption = {
  flags: "--ns",
  value: "<namespace>",
  values: "namespaces",
  fallback: "default",
  description: "its namespace",
};

const CREATE: Command<CreateOptions, [name: string]> = {
  name: "create",
  summary: "create an endpoint",
  description: paragraphs(`Creates a persistent endpoint: an address that pods use by the endpoint's name.

Without --ip the lowest free address is chosen; on a dual-stack network one of
each family. The endpoint keeps it, whether a pod uses it or not.`),
  arguments: [{ term: "<name>", values: "anything" }],
  options: [
    {
      flags: "-n, --network",
      value: "<name>",
      values: "networks",
      isRequired: true,
      description: "network of its addresses",
    },
    {
      flags: "-i, --ip",
      value: "<address>",
      values: "anything",
      reads: "list",
      description: "its address; on a dual-stack network one or two",
    },
    LABELS_OPTION,
    { ...NS_OPTION, description: "namespace of Kubernetes" },
    JSON_OPTION,
  ],
  examples: [
    ["podwire endpoint create ep1 -n web"],
    ["podwire endpoint create db-0 -n data -i 10.1.0.20,fd00:1::20 --ns prod -l app=db"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./create.ts")).createNamedEndpoint(call),
};

const LIST: Command<ListOptions> = {
  name: "list",
  summary: "list endpoints",
  description: [
    "Lists the endpoints. CONTAINER, MAC, VF, PORT and NODE are filled in while a pod uses the endpoint.",
  ],
  options: [
    {
      flags: "--ns",
      value: "<namespace>",
      values: "namespaces",
      description: "only those of this namespace",
    },
    JSON_OPTION,
  ],
  examples: [["podwire endpoint list"], ["podwire endpoint list --ns prod --json"]],
  run: async (call) => (await import("./existing.ts")).listNamedEndpoints(call),
};

const GET: Command<GetOptions, [name: string]> = {
  name: "get",
  summary: "show one endpoint",
  description: ["Shows one endpoint."],
  arguments: [{ term: "<name>", values: "endpoints" }],
  options: [NS_OPTION, JSON_OPTION],
  examples: [["podwire endpoint get ep1 --ns prod"]],
  run: async (call) => (await import("./existing.ts")).getEndpoint(call),
};

const DELETE: Command<DeleteOptions, [name: string]> = {
  name: "delete",
  summary: "delete an endpoint that no pod uses",
  description: paragraphs(`Deletes an endpoint; its address is free for others afterwards.

Refused while a pod uses it. With --force it is deleted anyway: the pod keeps the
address as long as it lives.`),
  arguments: [{ term: "<name>", values: "endpoints" }],
  options: [NS_OPTION, YES_OPTION, { flags: "-f, --force", description: "even while a pod uses it" }],
  examples: [["podwire endpoint delete ep1 --ns prod --yes"]],
  run: async (call) => (await import("./existing.ts")).deleteEndpoint(call),
};

export const ENDPOINT: Command = {
  name: "endpoint",
  summary: "manage addresses that stay with a name",
  description: paragraphs(`Persistent endpoints: addresses of a network that stay with a name.

A pod with the annotation diamanti.com/endpoint0: '{"endpointId":"ep1"}' gets the
addresses of that endpoint; when the pod is gone the endpoint keeps them for the next.`),
  examples: [
    ["podwire endpoint create ep1 -n web -i 10.10.120.91"],
    ["podwire endpoint list"],
    ["podwire endpoint delete ep1 --yes"],
  ],
  subcommands: [CREATE, LIST, GET, DELETE],
};
