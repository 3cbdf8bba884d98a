/** The part of a record about the pod's interface that all kinds have. */

import { hasRates } from "../../network/format/perf-tier.ts";
import type { AttachmentPlan } from "../plan/plan.ts";
import type { RecordedInterface, RecordedUplink } from "../record/record.ts";

/** `mac`: undefined leaves the interface its own. */
export function recordedInterface(
  { config, settings }: AttachmentPlan,
  mac: string | undefined,
): RecordedInterface {
  return {
    ...(mac === undefined ? {} : { mac }),
    ...(config.disableContainerInterface ? { isDown: true } : {}),
    ...(config.leavesForwarding ? { leavesForwarding: true } : {}),
    settings,
  };
}

/** The uplink of a network by name, with the rates that are kept on it for this pod. */
export function recordedUplink(
  { resolved }: AttachmentPlan,
  { uplink, vlan, mac }: { readonly uplink: string; readonly vlan?: number; readonly mac: string },
): RecordedUplink {
  const tier = resolved?.tier;
  return {
    ifname: uplink,
    ...(vlan === undefined ? {} : { vlan }),
    mac,
    ...(hasRates(tier) ? { isShaped: true, minMbps: tier.minBandwidthMbps } : {}),
    ...(hasRates(tier) && tier.maxBandwidthMbps !== undefined ? { maxMbps: tier.maxBandwidthMbps } : {}),
  };
}
