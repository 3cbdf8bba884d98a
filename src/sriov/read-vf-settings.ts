/** Settings of VFs as the kernel shows them on their physical function. */

import { readPayload, type ValueOf } from "../netlink/codec/type.ts";
import { NetlinkError } from "../netlink/error.ts";
import { ETH_P_8021AD } from "../netlink/route/if-ether.ts";
import { linkVfs, RTEXT_FILTER } from "../netlink/route/link.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { VF_LINK_STATE, VF_UNREPORTED, vfInfo } from "../netlink/route/vf.ts";
import type { Vf } from "./sysfs.ts";
import { RESET, type VfSettings } from "./vf-settings.ts";

/** A socket in the network namespace of the physical function. */

/** Which VF: the ifname of its physical function and its number. */
export type VfNumber = Pick<Vf, "pf" | "index">;

/**
 * Settings of one VF; like `ip link show dev PF`. Undefined where the physical function shows no such VF: it has
 * fewer, or its driver shows none.
 * @throws {NetlinkError} ENODEV: no such physical function
 */
export function readVfSettings(socket: RouteSocket, { pf, index }: VfNumber): VfSettings | undefined {
  const bytes = readVfBytes(socket, pf)[index];
  return bytes === undefined ? undefined : toVfSettings(readPayload(vfInfo, bytes));
}

/** Settings of all VFs of a physical function, by number; none where its driver shows none. @throws {NetlinkError} */
export function listVfSettings(socket: RouteSocket, pf: string): VfSettings[] {
  return readVfBytes(socket, pf).map((bytes) => toVfSettings(readPayload(vfInfo, bytes)));
}

/** What the kernel tells of each VF, in the order of their numbers (rtnl_fill_ifinfo counts from 0 on). */
function readVfBytes(socket: RouteSocket, pf: string): readonly Uint8Array[] {
  const IFLA_EXT_MASK = RTEXT_FILTER.VF | RTEXT_FILTER.SKIP_STATS;
  const [outcome] = socket.exchange([{ message: "RTM_GETLINK", body: { IFLA_IFNAME: pf, IFLA_EXT_MASK } }]);
  if (outcome?.refusal !== undefined) throw new NetlinkError(outcome.refusal);
  const [type] = rtnetlink.messages.RTM_NEWLINK;
  const link = outcome?.replies.find((reply) => reply.type === type);
  return link === undefined ? [] : (readPayload(linkVfs, link.payload).IFLA_VFINFO_LIST ?? []);
}

function toVfSettings(info: ValueOf<typeof vfInfo>): VfSettings {
  const [tag] = info.IFLA_VF_VLAN_LIST ?? [];
  const { vlan = RESET.vlan, qos = RESET.qos } = tag ?? info.IFLA_VF_VLAN ?? {};
  const { min_tx_rate: minTxRateMbps = 0, max_tx_rate: maxTxRateMbps = 0 } = info.IFLA_VF_RATE ?? {};
  const spoofchk = toSwitch(info.IFLA_VF_SPOOFCHK?.setting);
  const trust = toSwitch(info.IFLA_VF_TRUST?.setting);
  return {
    mac: info.IFLA_VF_MAC?.mac ?? RESET.mac,
    vlan,
    qos,
    proto: tag?.vlan_proto === ETH_P_8021AD ? "802.1ad" : "802.1q",
    minTxRateMbps,
    maxTxRateMbps,
    ...(spoofchk === undefined ? {} : { spoofchk }),
    ...(trust === undefined ? {} : { trust }),
    linkState: toLinkState(info.IFLA_VF_LINK_STATE?.link_state),
  };
}

function toSwitch(setting = VF_UNREPORTED): boolean | undefined {
  return setting === VF_UNREPORTED ? undefined : setting !== 0;
}

function toLinkState(state: number | undefined): VfSettings["linkState"] {
  if (state === VF_LINK_STATE.ENABLE) return "enable";
  return state === VF_LINK_STATE.DISABLE ? "disable" : "auto";
}
