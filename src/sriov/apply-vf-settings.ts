/** Changes settings of a VF on its physical function, one netlink message each, so that a refusal has a name. */

import { isErrno } from "../linux/error.ts";
import { sleepMs } from "../linux/file.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { ETH_P_8021AD, ETH_P_8021Q } from "../netlink/route/if-ether.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { VF_LINK_STATE, type vfInfo } from "../netlink/route/vf.ts";
import { readVfSettings, type VfNumber } from "./read-vf-settings.ts";
import { VfSettingRefused } from "./vf-setting-refused.ts";
import { hasAny, RESET, SETTING_GROUPS, type VfSettings } from "./vf-settings.ts";

type VfInfo = ValueOf<typeof vfInfo>;
type Setting = (typeof SETTING_GROUPS)[number][0];

/** The attribute that holds a group of settings, by the group's first. */
const ATTRIBUTES: Readonly<Record<Setting, (vf: number, all: VfSettings) => VfInfo>> = {
  vlan: (vf, { vlan, qos, proto }) => {
    const vlan_proto = proto === "802.1ad" ? ETH_P_8021AD : ETH_P_8021Q;
    return { IFLA_VF_VLAN_LIST: [{ vf, vlan, qos, vlan_proto }] };
  },
  mac: (vf, { mac }) => ({ IFLA_VF_MAC: { vf, mac } }),
  minTxRateMbps: (vf, { minTxRateMbps: min_tx_rate, maxTxRateMbps: max_tx_rate }) => ({
    IFLA_VF_RATE: { vf, min_tx_rate, max_tx_rate },
  }),
  spoofchk: (vf, { spoofchk }) => ({ IFLA_VF_SPOOFCHK: { vf, setting: Number(spoofchk) } }),
  trust: (vf, { trust }) => ({ IFLA_VF_TRUST: { vf, setting: Number(trust) } }),
  linkState: (vf, { linkState }) => ({
    IFLA_VF_LINK_STATE: { vf, link_state: LINK_STATES[linkState] },
  }),
};

const LINK_STATES = {
  auto: VF_LINK_STATE.AUTO,
  enable: VF_LINK_STATE.ENABLE,
  disable: VF_LINK_STATE.DISABLE,
} as const;

/** Cards take settings by a mailbox that may be busy, and some answer before they have done it. */
const ATTEMPTS = 20;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 128;

/**
 * Applies what is given of `wanted`; like `ip link set dev PF vf N vlan …`, then `mac`, `min_tx_rate … max_tx_rate …`,
 * `spoofchk`, `trust`, `state`. What is not given of a group (`SETTING_GROUPS`) becomes as in `RESET`.
 *
 * May take two seconds a setting where the card is busy.
 * @throws {VfSettingRefused} those before it are applied, it and those after it are not
 */
export function applyVfSettings(socket: RouteSocket, vf: VfNumber, wanted: Partial<VfSettings>): void {
  const all = { ...RESET, ...wanted };
  for (const group of SETTING_GROUPS) {
    if (hasAny(wanted, group)) applyGroup(socket, vf, { setting: group[0], all });
  }
}

interface Group {
  readonly setting: Setting;
  readonly all: VfSettings;
}

function applyGroup(socket: RouteSocket, vf: VfNumber, { setting, all }: Group): void {
  const info = ATTRIBUTES[setting](vf.index, all);
  let cause: unknown;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    if (attempt > 0) sleepMs(Math.min(FIRST_PAUSE_MS << (attempt - 1), LONGEST_PAUSE_MS));
    try {
      socket.request({ message: "RTM_SETLINK", body: { IFLA_IFNAME: vf.pf, IFLA_VFINFO_LIST: [info] } });
      if (setting !== "mac" || hasMac(socket, vf, all.mac)) return;
      cause = undefined;
    } catch (error) {
      cause = error;
      if (!mayPass(error, { setting, all })) break;
    }
  }
  throw new VfSettingRefused(vf, { setting, all }, cause);
}

/** igb refuses to take a limit away, too, while its link comes or goes (igb_ndo_set_vf_bw: E1000_STATUS_LU). */
function mayPass(error: unknown, { setting, all }: Group): boolean {
  const isUnlimited = all.minTxRateMbps === 0 && all.maxTxRateMbps === 0;
  const isOutOfRange = setting !== "minTxRateMbps" || !isUnlimited;
  return isErrno(error, "EBUSY", "EAGAIN") || (!isOutOfRange && isErrno(error, "EINVAL"));
}

/** Reads back whether the card has taken a MAC; one that is unset it may show as the VF's own. */
function hasMac(socket: RouteSocket, vf: VfNumber, mac: string): boolean {
  return mac === RESET.mac || readVfSettings(socket, vf)?.mac === mac;
}
