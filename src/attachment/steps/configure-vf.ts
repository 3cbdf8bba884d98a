/** The settings of a pod's virtual function on its physical function: applied, checked, and put back as they were. */

import { getLink, UP } from "../../link/link.ts";
import { applyVfSettings } from "../../sriov/apply-vf-settings.ts";
import { bindDriver, restoreDriver } from "../../sriov/driver.ts";
import { readVfSettings } from "../../sriov/read-vf-settings.ts";
import { findVf, SYSFS } from "../../sriov/sysfs.ts";
import { VfSettingRefused } from "../../sriov/vf-setting-refused.ts";
import { changedBy, RESET, type VfSettings } from "../../sriov/vf-settings.ts";
import { vfAliasOf } from "../attachment.ts";
import type { SriovPlan } from "../plan.ts";
import type { RecordedVf } from "../record.ts";
import type { Adding, Step } from "../step.ts";
import { isStillOurs, restoreNetdev, strayVf } from "../vf-return.ts";

export const configureVf: Step<SriovPlan> = {
  name: "configureVf",

  add(adding) {
    const { plan, claim, host } = adding;
    const { vf } = claim.record;
    if (vf === undefined) return;
    const pf = getLink(host, vf.pf);
    if (pf !== undefined && !pf.isUp)
      host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: pf.ifindex } }); // VFs have no carrier without
    if (vf.netdev !== undefined) {
      const IFLA_IFALIAS = vfAliasOf(plan.attachment, vf.netdev.ifname);
      const present = findVf(SYSFS, vf.pciAddress)?.ifname ?? vf.netdev.ifname;
      host.request({ message: "RTM_SETLINK", body: { IFLA_IFNAME: present, IFLA_IFALIAS } });
    }
    // An attachment without a record may have left its own behind: what is not wanted goes too.
    const leftovers = changedBy(readVfSettings(host, vf) ?? {}, vf.original);
    applyTolerant(adding, vf, { ...leftovers, ...vf.wanted });
    if (plan.link.attach.driver === "vfio-pci" && vf.driver !== "vfio-pci")
      bindDriver(SYSFS, vf.pciAddress, "vfio-pci");
  },

  check({ record, host }) {
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
  del(removal) {
    const { record, host } = removal;
    const vf = record === undefined ? strayVf(removal) : record.vf;
    if (vf === undefined || !isStillOurs(removal, vf)) return;
    if (findVf(SYSFS, vf.pciAddress) === undefined) {
      removal.report(`virtual function ${vf.pciAddress} is gone from this node: nothing to put back`);
      return;
    }
    restoreDriver(SYSFS, vf.pciAddress, vf.driver);
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

/** Some cards cannot guarantee a rate: then the reservation among the pods of this node is what there is. */
function applyTolerant({ host, report }: Adding, vf: RecordedVf, wanted: Partial<VfSettings>): void {
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
