/** A performance tier: what it may be, and those that are always there. Its JSON is as the tier itself. */

import { type Fields, integerField, required, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located } from "../../json/located.ts";
import type { PerfTier } from "../model.ts";
import { present } from "./forms.ts";
import { decodeLabels } from "./labels.ts";
import { decodeObjectName, OBJECT_KEYS } from "./object-name.ts";

const KEYS = ["minIops", "maxIops", "minBandwidthMbps", "maxBandwidthMbps", "labels"];
/** Rates of VFs are 32 bits wide (IFLA_VF_RATE); those of IOPS are kept to the same. */
const LARGEST = 2 ** 32 - 1;

/** The tier of a pod that names none; it cannot be changed. */
export const BEST_EFFORT = "best-effort";
export const BEST_EFFORT_TIER: PerfTier = { name: BEST_EFFORT, minIops: 0, minBandwidthMbps: 0 };

/** Always there; a file changes the figures of the last two. */
export const BUILT_IN_TIERS: readonly PerfTier[] = [
  BEST_EFFORT_TIER,
  { name: "medium", minIops: 5_000, minBandwidthMbps: 125 },
  { name: "high", minIops: 20_000, minBandwidthMbps: 500 },
];

/** True where the card or the uplink is to be told of it. */
export function hasRates(tier: PerfTier | undefined): tier is PerfTier {
  return tier !== undefined && (tier.minBandwidthMbps > 0 || tier.maxBandwidthMbps !== undefined);
}

/** `name`: as the file's name gives it. @throws {InvalidFile} */
export function decodeTier(document: Located, name: string): PerfTier {
  const fields = toKnownFields(document, [...OBJECT_KEYS, ...KEYS]);
  decodeObjectName(fields, "name", name);
  if (name === BEST_EFFORT) throw faultAt(fields, "name", `tier "${name}" is built in and cannot be changed`);
  const minIops = required(fields, "minIops", integerField(fields, "minIops", 0, LARGEST));
  const minBandwidthMbps = integerField(fields, "minBandwidthMbps", 0, LARGEST);
  return present<PerfTier>({
    name,
    minIops,
    maxIops: decodeMaximum(fields, "maxIops", minIops),
    minBandwidthMbps: required(fields, "minBandwidthMbps", minBandwidthMbps),
    maxBandwidthMbps: decodeMaximum(fields, "maxBandwidthMbps", minBandwidthMbps ?? 0),
    labels: decodeLabels(fields),
  });
}

/** At least the minimum, and never 0, which the kernel would take for no limit. */
function decodeMaximum(fields: Fields, key: string, minimum: number): number | undefined {
  return integerField(fields, key, Math.max(1, minimum), LARGEST);
}
