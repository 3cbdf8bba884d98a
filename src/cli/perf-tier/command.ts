/** `podwire perf-tier`: what rates pods are given. */

import type { Command } from "../command.ts";
import type { ConfirmOptions } from "../confirm.ts";
import { paragraphs } from "../help/paragraphs.ts";
import { JSON_OPTION, LABELS_OPTION, YES_OPTION } from "../options.ts";
import type { OutputOptions } from "../print.ts";
import type { CreateOptions } from "./create.ts";
import type { ListOptions } from "./existing.ts";

const CREATE: Command<CreateOptions, [name: string]> = {
  name: "create",
  summary: "create a tier",
  description: paragraphs(`Creates a performance tier.

--bandwidth is the guaranteed, --max-bandwidth the maximum rate of what a pod sends,
in bits a second, whole Mbit/s. Figures for storage are stored and shown only.
"medium" and "high" are built in; a tier of the same name replaces them until it is
deleted.`),
  arguments: [{ term: "<name>", values: "anything" }],
  options: [
    {
      flags: "-i, --iops",
      value: "<number>",
      values: "anything",
      isRequired: true,
      description: "storage operations a second, guaranteed, like 5k",
    },
    {
      flags: "-b, --bandwidth",
      value: "<rate>",
      values: "anything",
      isRequired: true,
      description: "bits a second, guaranteed, like 125M",
    },
    {
      flags: "-I, --max-iops",
      value: "<number>",
      values: "anything",
      description: "storage operations a second, at most",
    },
    {
      flags: "-B, --max-bandwidth",
      value: "<rate>",
      values: "anything",
      description: "bits a second, at most",
    },
    LABELS_OPTION,
    JSON_OPTION,
  ],
  examples: [
    ["podwire perf-tier create gold -i 10k -b 250M"],
    ["podwire perf-tier create capped -i 0 -b 0 -B 1G -l team=web", "no guarantee, at most 1 Gbit/s"],
  ],
  exitStatus: { 0: "done", 1: "refused by what is there already", 2: "wrong arguments" },
  run: async (call) => (await import("./create.ts")).createPerfTier(call),
};

const LIST: Command<ListOptions> = {
  name: "list",
  summary: "list tiers",
  description: ['Lists the tiers, the built-in ones first; "-" means no maximum.'],
  options: [{ ...LABELS_OPTION, description: "only tiers with these labels" }, JSON_OPTION],
  examples: [["podwire perf-tier list"], ["podwire perf-tier list -l team=web --json"]],
  run: async (call) => (await import("./existing.ts")).listPerfTiers(call),
};

const GET: Command<OutputOptions, [name: string]> = {
  name: "get",
  summary: "show one tier",
  description: ["Shows one tier."],
  arguments: [{ term: "<name>", values: "tiers" }],
  options: [JSON_OPTION],
  examples: [["podwire perf-tier get high"]],
  run: async (call) => (await import("./existing.ts")).getPerfTier(call),
};

const DELETE: Command<ConfirmOptions, [name: string]> = {
  name: "delete",
  summary: "delete a tier",
  description: [
    "Deletes a tier. Pods that have it keep their rates; a built-in tier gets its own figures back.",
  ],
  arguments: [{ term: "<name>", values: "tiers" }],
  options: [YES_OPTION],
  examples: [["podwire perf-tier delete gold --yes"]],
  run: async (call) => (await import("./existing.ts")).deletePerfTier(call),
};

export const PERF_TIER: Command = {
  name: "perf-tier",
  summary: "manage performance tiers: rates of pods",
  description: paragraphs(`Performance tiers: a guaranteed and a maximum rate for pods.

A pod asks for one by "perfTier" in its annotation; without, it gets best-effort.`),
  examples: [
    ["podwire perf-tier list"],
    ["podwire perf-tier create gold -i 10k -b 250M"],
    ["podwire perf-tier delete gold --yes"],
  ],
  subcommands: [CREATE, LIST, GET, DELETE],
};
