/** The rates of the pod's performance tier, kept where its frames leave the node. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { getLink } from "../../link/link.ts";
import { readSpeedMbps, SYSFS } from "../../linux/sysfs.ts";
import type { PerfTier } from "../../network/model.ts";
import {
  classRatesOf,
  ensureUplinkClass,
  findUplinkClass,
  removeUplinkClass,
  type UplinkRates,
} from "../../shaping/uplink.ts";
import type { RecordedUplink } from "../record.ts";
import { listNetworks, listRecords } from "../records.ts";
import type { Step } from "../step.ts";
import { requireUplink, uplinkBridgeOf, withUplinkLock } from "../uplink.ts";

export const shapeUplink: Step = {
  name: "shapeUplink",

  add({ plan, claim, host }) {
    const { uplink } = claim.record;
    if (uplink?.isShaped !== true) return;
    const { ifindex } = requireUplink(uplink.ifname, getLink(host, uplink.ifname));
    const rates = ratesOf(uplink, ifindex, plan.resolved?.tier);
    withUplinkLock(uplinkBridgeOf(uplink.ifname), () => {
      requireRoom(uplink, rates);
      ensureUplinkClass(host, rates);
    });
  },

  check({ record, plan, host }) {
    const uplink = record?.uplink;
    if (uplink?.isShaped !== true) return [];
    const link = getLink(host, uplink.ifname);
    if (link === undefined) return [`uplink "${uplink.ifname}" does not exist`];
    const found = findUplinkClass(host, link.ifindex, uplink.mac);
    if (found === undefined) return [`uplink "${uplink.ifname}" has no class for what ${uplink.mac} sends`];
    const wanted = classRatesOf(ratesOf(uplink, link.ifindex, plan.resolved?.tier));
    const isSame = found.rateMbps === wanted.rateMbps && found.ceilMbps === wanted.ceilMbps;
    if (isSame) return [];
    const [has, want] = [found, wanted].map(({ rateMbps, ceilMbps }) => `${rateMbps} to ${ceilMbps} Mbit/s`);
    return [`class of ${uplink.mac} on uplink "${uplink.ifname}" has ${has}, want ${want}`];
  },

  del({ record, host }) {
    const uplink = record?.uplink;
    const link = uplink?.isShaped === true ? getLink(host, uplink.ifname) : undefined;
    if (uplink === undefined || link === undefined) return;
    withUplinkLock(uplinkBridgeOf(uplink.ifname), () => removeUplinkClass(host, link.ifindex, uplink.mac));
  },
};

function ratesOf({ ifname, mac }: RecordedUplink, ifindex: number, tier: PerfTier | undefined): UplinkRates {
  const { minBandwidthMbps: minMbps = 0, maxBandwidthMbps: maxMbps } = tier ?? {};
  return { ifindex, mac, minMbps, maxMbps, speedMbps: readSpeedMbps(SYSFS, ifname) };
}

/** What is guaranteed to all pods of an uplink is never more than it can carry; unknown where its driver tells no speed. */
function requireRoom({ ifname }: RecordedUplink, { mac, minMbps, speedMbps }: UplinkRates): void {
  if (speedMbps === undefined || minMbps === 0) return;
  const others = listNetworks()
    .flatMap(listRecords)
    .filter(({ uplink }) => uplink?.ifname === ifname && uplink.mac !== mac);
  const reserved = others.reduce((sum, { uplink }) => sum + (uplink?.minMbps ?? 0), 0);
  if (reserved + minMbps <= speedMbps) return;
  const problem = `uplink "${ifname}" has ${reserved} of ${speedMbps} Mbit/s set aside: ${minMbps} more cannot be guaranteed`;
  throw new CniError(
    CNI_ERROR.tryAgainLater,
    problem,
    "delete a pod with a guaranteed rate, or ask for another tier",
  );
}
