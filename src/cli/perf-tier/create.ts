/** `podwire perf-tier create`: a tier with figures of one's own. */

import { listTiers } from "../../network/files/read-files.ts";
import { ConfigLock, createTier } from "../../network/files/write-files.ts";
import { documentOf, InvalidFile } from "../../network/format/document.ts";
import { BEST_EFFORT, BUILT_IN_TIERS, decodeTier } from "../../network/format/perf-tier.ts";
import type { PerfTier } from "../../network/model.ts";
import { isName, WANT_NAME } from "../../network/name.ts";
import type { Call } from "../command.ts";
import { misused, refused } from "../failure.ts";
import { parseLabels } from "../labels.ts";
import { type OutputOptions, printOne } from "../print.ts";
import { parseSize } from "./size.ts";
import { BITS_PER_MBPS, TIER_VIEW } from "./view.ts";

const MOST_TIERS = 8;

export interface CreateOptions extends OutputOptions {
  readonly iops: string;
  readonly bandwidth: string;
  readonly maxIops?: string;
  readonly maxBandwidth?: string;
  readonly labels?: readonly string[];
}

const OPTION_OF: Readonly<Record<string, string>> = {
  minIops: "--iops",
  maxIops: "--max-iops",
  minBandwidthMbps: "--bandwidth",
  maxBandwidthMbps: "--max-bandwidth",
};

export function createPerfTier({ args: [name], options }: Call<CreateOptions, [name: string]>): void {
  const { configDir } = options;
  const tier = toTier(name, options);
  using _lock = ConfigLock.take(configDir);
  requireFree(configDir, name);
  createTier(configDir, tier);
  printOne(options, TIER_VIEW, tier);
}

/** @throws {Failure} naming the option that is wrong */
function toTier(name: string, options: CreateOptions): PerfTier {
  if (!isName(name)) throw misused(`"${name}" is no name for a tier`, `want ${WANT_NAME}`);
  const document = {
    minIops: toSize("--iops", options.iops),
    minBandwidthMbps: toMbps("--bandwidth", options.bandwidth),
    ...(options.maxIops === undefined ? {} : { maxIops: toSize("--max-iops", options.maxIops) }),
    ...(options.maxBandwidth === undefined
      ? {}
      : { maxBandwidthMbps: toMbps("--max-bandwidth", options.maxBandwidth) }),
    ...(options.labels === undefined ? {} : { labels: parseLabels(options.labels) }),
  };
  if (name === BEST_EFFORT) throw refused(`tier "${name}" is built in and cannot be changed`);
  try {
    return decodeTier(documentOf("", document), name);
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    throw misused(`tier "${name}": ${OPTION_OF[error.field] ?? error.field}: ${error.problem}`);
  }
}

function toSize(option: string, text: string): number {
  const size = parseSize(text);
  if (size === undefined) throw misused(`${option} ${text}: want a number like 500, 5k or 1.5M`);
  return size;
}

function toMbps(option: string, text: string): number {
  const mbps = (parseSize(text) ?? 0.5) / BITS_PER_MBPS;
  if (!Number.isInteger(mbps)) throw misused(`${option} ${text}: want whole Mbit/s, like 125M or 1G`);
  return mbps;
}

/** @throws {Failure} the name is taken, or there are as many as there may be */
function requireFree(configDir: string, name: string): void {
  const { tiers, faults } = listTiers(configDir);
  const [fault] = faults;
  if (fault !== undefined) throw fault;
  const present = tiers.find((tier) => tier.name === name);
  if (present !== undefined && !BUILT_IN_TIERS.includes(present)) {
    throw refused(
      `there is a tier "${name}" already`,
      `podwire perf-tier get ${name} shows it; choose another name`,
    );
  }
  if (present === undefined && tiers.length >= MOST_TIERS) {
    throw refused(
      `there are ${tiers.length} tiers already, and no more than ${MOST_TIERS} can be`,
      "delete one first",
    );
  }
}
