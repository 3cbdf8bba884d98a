/** What a pod's virtual function is to have on its physical function: what was asked for, and what goes without saying. */

import { hasRates } from "../../../network/format/perf-tier.ts";
import type { Network, PerfTier } from "../../../network/model.ts";
import type { VfSettings } from "../../../sriov/vf-settings.ts";
import type { SriovPlan } from "../../plan/plan.ts";

type SriovLink = Pick<SriovPlan, "attach" | "containerMac">;

/** What the network, the tier and the runtime say of the function. */
export function askedSettings(
  { attach: { spoofchk, trust, linkState }, containerMac }: SriovLink,
  network: Network,
  tier: PerfTier | undefined,
): Partial<VfSettings> {
  const isTagged = network.vlan !== undefined;
  return {
    ...(isTagged
      ? { vlan: network.vlan, qos: network.vlanQos ?? 0, proto: network.vlanProto ?? "802.1q" }
      : {}),
    ...(containerMac === undefined ? {} : { mac: containerMac }),
    ...(hasRates(tier)
      ? { minTxRateMbps: tier.minBandwidthMbps, maxTxRateMbps: tier.maxBandwidthMbps ?? 0 }
      : {}),
    ...(spoofchk === undefined ? {} : { spoofchk }),
    ...(trust === undefined ? {} : { trust }),
    ...(linkState === undefined ? {} : { linkState }),
  };
}

/**
 * Those that hold where nobody says anything: every driver begins with them.
 *
 * The spoof check is none of them: drivers differ, and mlx5, which begins without, drops all that a function sends with
 * it while the administrator has given no MAC (esw_acl_ingress_lgcy_setup). Nor is the MAC: it stays the function's.
 */
const UNASKED: Partial<VfSettings> = {
  vlan: 0,
  qos: 0,
  proto: "802.1q",
  minTxRateMbps: 0,
  maxTxRateMbps: 0,
  trust: false,
  linkState: "auto",
};

/**
 * {@link UNASKED}, as far as the card shows what a function has, which is `known`.
 *
 * `speedMbps`: of the card's wire, undefined where it is not known. A limit that is no less is none: some drivers show
 * it in place of 0 (qed_get_vf_config).
 */
export function unaskedSettings(
  known: Partial<VfSettings>,
  speedMbps: number | undefined,
): Partial<VfSettings> {
  const { maxTxRateMbps = 0 } = known;
  const isLimited = maxTxRateMbps > 0 && maxTxRateMbps < (speedMbps ?? Infinity);
  const unasked = isLimited ? UNASKED : { ...UNASKED, maxTxRateMbps };
  const isShown = ([key]: [string, unknown]) => known[key as keyof VfSettings] !== undefined; // `as`: a key of it
  return Object.fromEntries(Object.entries(unasked).filter(isShown));
}
