/** Functions as people and programs see them. */

import { formatSize } from "../perf-tier/size.ts";
import { BITS_PER_MBPS } from "../perf-tier/view.ts";
import type { View } from "../print.ts";
import type { ListedPf, ListedVf } from "./functions.ts";

export const PF_VIEW: View<ListedPf> = {
  headers: ["PF", "PCI ADDRESS", "DRIVER", "LINK", "SPEED", "VFS", "HELD", "RESERVED"],

  toRow({ pf, isUp, vfs }) {
    return [
      pf.ifname,
      pf.pciAddress,
      pf.driver,
      isUp ? "up" : "down",
      toRate(pf.speedMbps),
      `${pf.numVfs} of ${pf.totalVfs}`,
      String(vfs.filter(({ claim }) => claim !== undefined).length),
      toRate(reservedOf(vfs)),
    ];
  },

  toJson({ pf, isUp, vfs }) {
    return { ...pf, isUp, reservedMbps: reservedOf(vfs), vfs: vfs.map((vf) => VF_VIEW.toJson(vf)) };
  },
};

/** Bandwidth that is set aside for the holders of its VFs, in Mbit/s. */
function reservedOf(vfs: readonly ListedVf[]): number {
  return vfs.reduce((sum, { claim }) => sum + (claim?.minMbps ?? 0), 0);
}

export const VF_VIEW: View<ListedVf> = {
  headers: [
    "PF",
    "VF",
    "PCI ADDRESS",
    "DRIVER",
    "INTERFACE",
    "VLAN",
    "MAC",
    "MIN RATE",
    "MAX RATE",
    "SPOOF CHECK",
    "TRUST",
    "LINK",
    "HOLDER",
    "SINCE",
  ],

  toRow({ vf, settings, mac, claim, since }) {
    return [
      vf.pf,
      String(vf.index),
      vf.pciAddress,
      vf.driver,
      vf.ifname ?? "",
      describeTag(settings),
      mac,
      toRate(settings?.minTxRateMbps),
      toRate(settings?.maxTxRateMbps),
      toSwitch(settings?.spoofchk),
      toSwitch(settings?.trust),
      settings?.linkState ?? "",
      claim === undefined ? "" : shorten(claim.owner),
      since ?? "",
    ];
  },

  toJson({ vf: { pf: _pf, pfPciAddress: _address, ...vf }, settings, mac, claim, since }) {
    return {
      ...vf,
      ifname: vf.ifname ?? null,
      mac,
      settings: settings ?? null,
      claim: claim ?? null,
      since: since ?? null,
    };
  },
};

/** Container IDs as container tools show them. */
function shorten(owner: string): string {
  return owner.replace(/\/([^/]{12})[^/]*\//, "/$1/");
}

/** "120", "120 qos 5", "120 802.1ad"; empty for none. */
function describeTag(settings: ListedVf["settings"]): string {
  if (settings === undefined || settings.vlan === 0) return "";
  const { vlan, qos, proto } = settings;
  return `${vlan}${qos === 0 ? "" : ` qos ${qos}`}${proto === "802.1q" ? "" : ` ${proto}`}`;
}

/** As tiers are written; empty for none. */
function toRate(mbps = 0): string {
  return mbps === 0 ? "" : formatSize(mbps * BITS_PER_MBPS);
}

function toSwitch(value: boolean | undefined): string {
  if (value === undefined) return "";
  return value ? "on" : "off";
}
