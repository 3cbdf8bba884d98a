/** Performance tiers that are there: listed, shown, deleted. */

import { listTiers, readTier, TIERS } from "../../network/files/read-files.ts";
import { ConfigLock, hasFile, removeTier } from "../../network/files/write-files.ts";
import type { PerfTier } from "../../network/model.ts";
import type { Call } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { describeFailure, refused, STATUS, toFailure } from "../failure.ts";
import { hasLabels, parseLabels } from "../labels.ts";
import { type OutputOptions, printList, printOne } from "../print.ts";
import { TIER_VIEW } from "./view.ts";

export interface ListOptions extends OutputOptions {
  readonly labels?: readonly string[];
}

export function listPerfTiers({ options, finish }: Call<ListOptions>): void {
  const wanted = parseLabels(options.labels);
  const { tiers, faults } = listTiers(options.configDir);
  printList(
    options,
    TIER_VIEW,
    tiers.filter(({ labels }) => hasLabels(labels, wanted)),
  );
  for (const fault of faults) console.error(describeFailure(toFailure(fault)));
  if (faults.length > 0) finish(STATUS.failed);
}

export function getPerfTier({ args: [name], options }: Call<OutputOptions, [name: string]>): void {
  printOne(options, TIER_VIEW, requireTier(options.configDir, name));
}

export function deletePerfTier({ args: [name], options }: Call<ConfirmOptions, [name: string]>): void {
  const { configDir } = options;
  if (!hasFile(configDir, TIERS, { name })) {
    requireTier(configDir, name);
    throw refused(`tier "${name}" is built in and cannot be deleted`);
  }
  requireYes(options, `Delete performance tier "${name}"?`);
  using _lock = ConfigLock.take(configDir);
  removeTier(configDir, name);
  console.log(`tier "${name}" deleted`);
}

function requireTier(configDir: string, name: string): PerfTier {
  const tier = readTier(configDir, name);
  if (tier !== undefined) return tier;
  const names = listTiers(configDir).tiers.map((known) => known.name);
  throw refused(`there is no performance tier "${name}"`, `there are: ${names.join(", ")}`);
}
