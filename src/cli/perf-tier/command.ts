/** `podwire perf-tier`: what rates pods are given. */

import { listTiers, readTier, TIERS } from "../../network/files/read-files.ts";
import { ConfigLock, hasFile, removeTier } from "../../network/files/write-files.ts";
import type { PerfTier } from "../../network/model.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { hasLabels, parseLabels } from "../labels.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { allOptions, collect, type Program } from "../program.ts";
import { addCreate } from "./create.ts";
import { TIER_VIEW } from "./view.ts";

const DESCRIPTION = `Performance tiers: a guaranteed and a maximum rate for pods.

A pod asks for one by "perfTier" in its annotation; without it gets best-effort.`;

const EXAMPLES = `
Examples:
  podwire perf-tier list
  podwire perf-tier create gold -i 10k -b 250M
  podwire perf-tier delete gold --yes`;

export function addPerfTier({ command, finish }: Program): void {
  const group = command
    .command("perf-tier")
    .summary("what rates pods are given")
    .description(DESCRIPTION)
    .addHelpText("after", EXAMPLES);
  const program = { command: group, finish };
  for (const add of [addCreate, addList, addGet, addDelete]) add(program);
}

interface ListOptions extends OutputOptions {
  readonly labels?: readonly string[];
}

function addList({ command, finish }: Program): void {
  command
    .command("list")
    .summary("list tiers")
    .description('Lists the tiers, those first that are built in; "-" is no maximum.')
    .option("-l, --labels <key=value>", "only tiers with these labels", collect)
    .option("--json", "print JSON")
    .addHelpText(
      "after",
      "\nExamples:\n  podwire perf-tier list\n  podwire perf-tier list -l team=web --json",
    )
    .action((_options, self) => {
      const { configDir, ...options } = allOptions<ListOptions>(self);
      const wanted = parseLabels(options.labels);
      const { tiers, faults } = listTiers(configDir);
      printList(
        options,
        TIER_VIEW,
        tiers.filter(({ labels }) => hasLabels(labels, wanted)),
      );
      for (const fault of faults) console.error(describeFailure(toFailure(fault)));
      if (faults.length > 0) finish(STATUS.failed);
    });
}

function addGet({ command }: Program): void {
  command
    .command("get <name>")
    .summary("show one tier")
    .description("Shows one tier.")
    .option("--json", "print JSON")
    .addHelpText("after", "\nExamples:\n  podwire perf-tier get high")
    .action((name: string, _options, self) => {
      const { configDir, ...options } = allOptions<OutputOptions>(self);
      printOne(options, TIER_VIEW, requireTier(configDir, name));
    });
}

function addDelete({ command }: Program): void {
  command
    .command("delete <name>")
    .summary("delete a tier")
    .description(
      "Deletes a tier. Pods that have it keep their rates; a tier that is built in has its own figures again.",
    )
    .option("-y, --yes", "do not ask")
    .addHelpText("after", "\nExamples:\n  podwire perf-tier delete gold --yes")
    .action((name: string, _options, self) => {
      const { configDir, ...options } = allOptions<ConfirmOptions>(self);
      if (!hasFile(configDir, TIERS, { name })) {
        requireTier(configDir, name);
        throw refused(`tier "${name}" is built in and cannot be deleted`);
      }
      requireYes(options, `Delete performance tier "${name}"?`);
      using _lock = ConfigLock.take(configDir);
      removeTier(configDir, name);
      console.log(`tier "${name}" deleted`);
    });
}

function requireTier(configDir: string, name: string): PerfTier {
  const tier = readTier(configDir, name);
  if (tier !== undefined) return tier;
  const names = listTiers(configDir).tiers.map((known) => known.name);
  throw refused(`there is no performance tier "${name}"`, `there are: ${names.join(", ")}`);
}
