/** The settings of a pod's virtual function on its physical function: applied, checked, and put back as they were. */

import { getLink, type Link, UP } from "../../../link/link.ts";
import { SYSFS } from "../../../linux/sysfs.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { applyVfSettings } from "../../../sriov/apply-vf-settings.ts";
import { bindDriver, restoreDriver } from "../../../sriov/driver.ts";
import { readVfSettings } from "../../../sriov/read-vf-settings.ts";
import { findVf } from "../../../sriov/sysfs.ts";
import { VfSettingRefused } from "../../../sriov/vf-setting-refused.ts";
import { changedBy, lackingOf, RESET, type VfSettings } from "../../../sriov/vf-settings.ts";
import { vfAliasOf } from "../../attachment.ts";
import type { SriovPlan } from "../../plan/plan.ts";
import type { RecordedVf } from "../../record/record.ts";
import { awaitCarrier } from "../../steps/await-carrier.ts";
import type { AddContext, CheckContext, RemovalContext } from "../../steps/step.ts";
import { restoreSizes, setVfMac } from "./vf-netdev.ts";
import {
  isStillOurs,
  orphanedVf,
  requireOnHost,
  restoreNetdev,
  returnToHost,
  USERSPACE_DRIVER,
} from "./vf-return.ts";

/** Two ends agree about a speed. */
const CARRIER_TIMEOUT_MS = 5_000;

export const configureVf = {
  name: "configureVf",

  add(context: AddContext<SriovPlan>, vf: RecordedVf): void {
    const { plan, host } = context;
    const pf = setPfUp(host, vf.pf);
    if (vf.netdev === undefined) applyLacking(context, vf, pf);
    else {
      const link = requireOnHost(host, vf);
      const { ifindex: ifi_index } = link;
      const IFLA_IFALIAS = vfAliasOf(plan.attachment, vf.netdev);
      host.request({ message: "RTM_SETLINK", body: { ifi_index, IFLA_IFALIAS } });
      restoreSizes(host, link, vf.netdev); // an attachment without a record may have left its own
      const { mac } = applyLacking(context, vf, pf);
      if (mac === RESET.mac) setVfMac(host, ifi_index, vf.netdev.mac); // the card has forgotten the VF's own
    }
    if (plan.link.attach.driver === USERSPACE_DRIVER && vf.driver !== USERSPACE_DRIVER)
      bindDriver(SYSFS, vf.pciAddress, USERSPACE_DRIVER);
  },

  check({ record, host }: CheckContext): string[] {
    const vf = record?.vf;
    if (vf === undefined) return ["the record of its virtual function is missing"];
    const present: Partial<VfSettings> = readVfSettings(host, vf) ?? {};
    const entries = Object.entries(vf.wanted) as [keyof VfSettings, unknown][];
    return entries
      .filter(
        ([key, value]) => present[key] !== undefined && present[key] !== value && key !== "minTxRateMbps",
      )
      .map(
        ([key, value]) =>
          `VF ${vf.index} of "${vf.pf}" has ${key} ${String(present[key])}, want ${String(value)}`,
      );
  },

  /** After the interface is back on the host: nothing of the pod may reach the network without the pod's VLAN. */
  del(removal: RemovalContext): void {
    const { record, host } = removal;
    const vf = record === undefined ? orphanedVf(removal) : record.vf;
    if (vf === undefined || !isStillOurs(removal, vf)) return;
    const found = findVf(SYSFS, vf.pciAddress);
    if (found === undefined) {
      removal.report(`virtual function ${vf.pciAddress} is gone from this node: nothing to put back`);
      return;
    }
    restoreDriver(SYSFS, vf.pciAddress, { ...vf, bound: USERSPACE_DRIVER });
    if (found.driver !== vf.driver) returnToHost(removal, vf); // a new interface, with a name of the kernel's choice
    const present = { ...vf.wanted, ...readVfSettings(host, vf) };
    applyVfSettings(host, vf, changedBy(present, pick(vf)));
    restoreNetdev(host, vf);
  },
};

/**
 * What this attachment may have changed, as it was; without a record, everything. Some cards show the VF's own MAC once
 * it has been used: where there was none, it goes too.
 */
function pick({ original, wanted }: RecordedVf): Partial<VfSettings> {
  const own = original.mac === RESET.mac ? { ...wanted, mac: RESET.mac } : wanted;
  const keys = Object.keys(own) as (keyof VfSettings)[]; // `as`: made by wantedOf alone
  return Object.fromEntries(keys.map((key) => [key, original[key]]));
}

/** Without it its functions have no wire, and some cards take no rates. */
function setPfUp(host: RouteSocket, ifname: string): Link | undefined {
  const pf = getLink(host, ifname);
  if (pf?.isUp === false) host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: pf.ifindex } });
  return pf;
}

/**
 * Applies what the function does not have yet, so that no card is asked for what it cannot change and need not. An
 * attachment without a record may have left its own behind: what is not wanted goes too. Gives what was applied.
 */
function applyLacking(context: AddContext, vf: RecordedVf, pf: Link | undefined): Partial<VfSettings> {
  const { host } = context;
  const present = readVfSettings(host, vf) ?? {};
  const leftovers = changedBy(present, { ...vf.original, ...vf.wanted });
  const settings = { ...leftovers, ...lackingOf(present, vf.wanted) };
  if (pf !== undefined && settings.maxTxRateMbps !== undefined)
    awaitCarrier(host, pf.ifindex, { timeoutMs: CARRIER_TIMEOUT_MS });
  applyTolerant(context, vf, settings);
  return settings;
}

/** Some cards cannot guarantee a rate: then the reservation among the pods of this node is what there is. */
function applyTolerant({ host, report }: AddContext, vf: RecordedVf, wanted: Partial<VfSettings>): void {
  try {
    applyVfSettings(host, vf, wanted);
  } catch (error) {
    const isRate = error instanceof VfSettingRefused && error.setting === "minTxRateMbps";
    if (!isRate || (wanted.minTxRateMbps ?? 0) === 0) throw error;
    applyVfSettings(host, vf, { ...wanted, minTxRateMbps: 0 });
    report(
      `"${vf.pf}" keeps no minimum rate for VF ${vf.index}: ${wanted.minTxRateMbps} Mbit/s are reserved only`,
    );
  }
}
