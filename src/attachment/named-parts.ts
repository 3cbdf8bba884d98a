/** What the record of a network by name has more than that of a plain one. */

import { hasRates } from "../network/perf-tier.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import type { AttachmentRecord } from "./record.ts";

/** `plans`: all of the same ADD, the runtime's interface first. */
export function namedParts(
  { attachment, link, resolved }: AttachmentPlan,
  plans: readonly AttachmentPlan[],
): Partial<AttachmentRecord> {
  const [first, ...others] = plans.map((plan) => plan.attachment.ifname);
  const isFirst = attachment.ifname === first;
  const { network, tier, endpoint } = resolved ?? {};
  const uplink = link.kind === "sriov" ? undefined : link.uplink;
  return {
    named: {
      name: network?.name ?? "",
      tier: tier?.name ?? "",
      ...(endpoint === undefined ? {} : { endpoint: `${endpoint.namespace}/${endpoint.name}` }),
    },
    ...(uplink === undefined || link.kind === "sriov"
      ? {}
      : {
          uplink: {
            ifname: uplink.uplink,
            ...(uplink.vlan === undefined ? {} : { vlan: uplink.vlan }),
            mac: link.containerMac,
            ...(hasRates(tier) ? { isShaped: true, minMbps: tier.minBandwidthMbps } : {}),
          },
        }),
    ...(isFirst && others.length > 0 ? { companions: others } : {}),
    ...(isFirst || first === undefined ? {} : { primary: first }),
  };
}
