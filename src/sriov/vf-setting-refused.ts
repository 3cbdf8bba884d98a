/** The error of a setting that a card does not take: what it was, and what would be right. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { isErrno } from "../linux/error.ts";
import type { Vf } from "./sysfs.ts";
import type { VfSettings } from "./vf-settings.ts";

/** The setting, and with it those of its group. */
export interface RefusedSetting {
  readonly setting: keyof VfSettings;
  readonly all: VfSettings;
}

export class VfSettingRefused extends PodwireError {
  override readonly name = "VfSettingRefused";
  readonly pf: string;
  readonly index: number;
  /** The first of its group. */
  readonly setting: keyof VfSettings;
  /** All of the group as ip(8) spells it, "vlan 120 qos 5 proto 802.1ad". */
  readonly value: string;

  /** `cause`: what the kernel said; undefined where it took the setting, but the card does not show it. */
  constructor({ pf, index }: Pick<Vf, "pf" | "index">, refused: RefusedSetting, cause: unknown) {
    const value = describe(refused);
    const reason = cause instanceof Error ? cause.message : "the card does not show it afterwards";
    super(`${pf} vf ${index}: "${value}" is refused: ${reason}; ${adviceFor(refused, cause)}`, {
      code: CNI_ERROR.kernel,
      advice: "the VF is as it was before",
      cause,
    });
    this.pf = pf;
    this.index = index;
    this.setting = refused.setting;
    this.value = value;
  }
}

function describe({ setting, all }: RefusedSetting): string {
  switch (setting) {
    case "vlan":
      return `vlan ${all.vlan}${all.qos === 0 ? "" : ` qos ${all.qos}`} proto ${all.proto}`;
    case "minTxRateMbps":
      return `min_tx_rate ${all.minTxRateMbps} max_tx_rate ${all.maxTxRateMbps}`;
    case "linkState":
      return `state ${all.linkState}`;
    case "mac":
      return `mac ${all.mac}`;
    default:
      return `${setting} ${all[setting] === true ? "on" : "off"}`;
  }
}

/** What drivers mean by an error, as read in those of igb, ixgbe, i40e, ice, mlx5 and in net/core/rtnetlink.c. */
function adviceFor({ setting, all }: RefusedSetting, cause: unknown): string {
  if (isErrno(cause, "EPERM")) return "run as root with CAP_NET_ADMIN";
  if (isErrno(cause, "ENODEV")) return "the physical function is gone from this network namespace";
  if (isErrno(cause, "EBUSY", "EAGAIN") || cause === undefined) return "the card is busy; try again";
  if (setting === "vlan" && all.proto === "802.1ad" && isErrno(cause, "EPROTONOSUPPORT", "EINVAL"))
    return "this card tags with 802.1q alone: leave 802.1ad away";
  if (isErrno(cause, "EINVAL") && all.minTxRateMbps > 0 && setting === "minTxRateMbps")
    return "this card guarantees no rate, or not so much: take a tier without a guaranteed bandwidth";
  if (isErrno(cause, "EINVAL") && all.maxTxRateMbps === 0 && setting === "minTxRateMbps")
    return "some cards take a limit away only while their link is up";
  if (isErrno(cause, "EOPNOTSUPP", "EPROTONOSUPPORT"))
    return "this card or its driver cannot set it: leave it away, or ask for what the function has (podwire vf list)";
  return isErrno(cause, "EINVAL", "ERANGE")
    ? "the number of the VF or the value is out of the card's range"
    : "the kernel's log may say why: dmesg";
}
