/** Performance tiers as people and programs see them. */

import type { PerfTier } from "../../network/model.ts";
import { formatLabels } from "../labels.ts";
import type { View } from "../print.ts";
import { formatSize } from "./size.ts";

export const BITS_PER_MBPS = 1_000_000;

export const TIER_VIEW: View<PerfTier> = {
  headers: [
    "NAME",
    "STORAGE IOPS",
    "NETWORK BANDWIDTH",
    "MAX STORAGE IOPS",
    "MAX NETWORK BANDWIDTH",
    "LABELS",
  ],

  toRow({ name, minIops, minBandwidthMbps, maxIops, maxBandwidthMbps, labels }) {
    return [
      name,
      formatSize(minIops),
      formatSize(minBandwidthMbps * BITS_PER_MBPS),
      maxIops === undefined ? "-" : formatSize(maxIops),
      maxBandwidthMbps === undefined ? "-" : formatSize(maxBandwidthMbps * BITS_PER_MBPS),
      formatLabels(labels),
    ];
  },

  toJson: (tier) => tier,
};
