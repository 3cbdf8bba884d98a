/** The rates of the pod's performance tier, kept where its frames leave the node. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { getLink } from "../../link/link.ts";
import { readSpeedMbps, SYSFS } from "../../linux/sysfs.ts";
import {
  classRatesOf,
  ensureUplinkClass,
  findUplinkClass,
  removeUplinkClass,
  type UplinkRates,
} from "../../shaping/uplink.ts";
import { requireUplink, uplinkBridgeOf, withUplinkLock } from "../kinds/uplink.ts";
import { listRecords } from "../record/list.ts";
import type { RecordedUplink } from "../record/record.ts";
import type { AddContext, CheckContext, RemovalContext } from "./step.ts";

export const shapeUplink = {
  name: "shapeUplink",

  add({ claim, host }: AddContext): void {
    const { uplink } = claim.record;
    if (uplink?.isShaped !== true) return;
    const { ifindex } = requireUplink(uplink.ifname, getLink(host, uplink.ifname));
    const rates = ratesOf(uplink, ifindex);
    withUplinkLock(uplinkBridgeOf(uplink.ifname), () => {
      requireRoom(uplink, rates);
      ensureUplinkClass(host, rates);
    });
  },

  check({ wanted, record, host }: CheckContext): string[] {
    const { uplink } = wanted;
    if (uplink?.isShaped !== true || record === undefined) return [];
    const link = getLink(host, uplink.ifname);
    if (link === undefined) return [`uplink "${uplink.ifname}" does not exist`];
    const found = findUplinkClass(host, link.ifindex, uplink.mac);
    if (found === undefined) return [`uplink "${uplink.ifname}" has no class for what ${uplink.mac} sends`];
    const rates = classRatesOf(ratesOf(uplink, link.ifindex));
    const isLimitKnown = wanted.interface !== undefined; // a record of an earlier version has none
    const isSame = found.rateMbps === rates.rateMbps && (!isLimitKnown || found.ceilMbps === rates.ceilMbps);
    if (isSame) return [];
    const [has, want] = [found, rates].map(({ rateMbps, ceilMbps }) => `${rateMbps} to ${ceilMbps} Mbit/s`);
    return [`class of ${uplink.mac} on uplink "${uplink.ifname}" has ${has}, want ${want}`];
  },

  del({ record, host }: RemovalContext): void {
    const uplink = record?.uplink;
    const link = uplink?.isShaped === true ? getLink(host, uplink.ifname) : undefined;
    if (uplink === undefined || link === undefined) return;
    withUplinkLock(uplinkBridgeOf(uplink.ifname), () => removeUplinkClass(host, link.ifindex, uplink.mac));
  },
};

function ratesOf({ ifname, mac, minMbps = 0, maxMbps }: RecordedUplink, ifindex: number): UplinkRates {
  return { ifindex, mac, minMbps, maxMbps, speedMbps: readSpeedMbps(SYSFS, ifname) };
}

/** What is guaranteed to all pods of an uplink is never more than it can carry; unknown where its driver tells no speed. */
function requireRoom({ ifname }: RecordedUplink, { mac, minMbps, speedMbps }: UplinkRates): void {
  if (speedMbps === undefined || minMbps === 0) return;
  const others = listRecords().filter(({ uplink }) => uplink?.ifname === ifname && uplink.mac !== mac);
  const reserved = others.reduce((sum, { uplink }) => sum + (uplink?.minMbps ?? 0), 0);
  if (reserved + minMbps <= speedMbps) return;
  const problem = `uplink "${ifname}" has ${reserved} of ${speedMbps} Mbit/s set aside: ${minMbps} more cannot be guaranteed`;
  throw new CniError(
    CNI_ERROR.tryAgainLater,
    problem,
    "delete a pod with a guaranteed rate, or ask for another tier",
  );
}
