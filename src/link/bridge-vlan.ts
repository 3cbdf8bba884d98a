/** VLANs of a bridge: whether it filters by them, and which of them each port carries, tagged or not. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { BRIDGE_VLAN_INFO, type bridgeVlanMessage } from "../netlink/route/bridge-vlan.ts";
import { AF, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import type { Link, VlanFilter } from "./link.ts";

/** VLANs `first` to `last`, both included, 1 to 4094, that a port treats alike. */
export interface VlanRange {
  readonly first: number;
  readonly last: number;
  /** Frames without a tag are taken as of this VLAN; one VLAN only, and of a port only one. */
  readonly isPvid: boolean;
  /** Frames leave the port without a tag. */
  readonly isUntagged: boolean;
}

/** Tagged frames of some VLANs pass. */
export function tagged(first: number, last = first): VlanRange {
  return { first, last, isPvid: false, isUntagged: false };
}

/** What is behind the port is in this VLAN and sees no tag. */
export function access(vlan: number): VlanRange {
  return { first: vlan, last: vlan, isPvid: true, isUntagged: true };
}

/** The kernel cannot filter a bridge's frames by VLAN: CONFIG_BRIDGE_VLAN_FILTERING. */
export class NoVlanFiltering extends PodwireError {
  override readonly name = "NoVlanFiltering";
  constructor(ifname: string, options: { readonly cause?: unknown } = {}) {
    super(`bridge "${ifname}": this kernel cannot filter VLANs (CONFIG_BRIDGE_VLAN_FILTERING)`, {
      code: CNI_ERROR.kernel,
      advice: "want a kernel that has it, or no VLAN; named networks have VLANs with --attach macvlan too",
      ...options,
    });
  }
}

/**
 * Makes a bridge filter frames by VLAN; like `ip link set dev BRIDGE type bridge vlan_filtering 1`.
 *
 * Ports that it has keep their VLANs: those that nobody changed are in the bridge's default one, untagged, and go on
 * reaching each other.
 * @throws {NoVlanFiltering}
 */
export function ensureVlanFiltering(socket: RouteSocket, bridge: Link): VlanFilter {
  if (bridge.filter === undefined) throw new NoVlanFiltering(bridge.ifname);
  if (!bridge.filter.isOn) socket.request(filterVlansRequest(bridge.ifindex));
  return { ...bridge.filter, isOn: true };
}

function filterVlansRequest(ifindex: number): RouteRequest {
  const data = { IFLA_BR_VLAN_FILTERING: 1 };
  return {
    message: "RTM_NEWLINK",
    body: { ifi_index: ifindex, IFLA_LINKINFO: { IFLA_INFO_KIND: "bridge", IFLA_INFO_DATA: data } },
  };
}

/**
 * Lets VLANs pass a port, or a bridge itself; like `bridge vlan add dev PORT vid FIRST-LAST [pvid] [untagged]` for each
 * range, with `self` where it is the bridge.
 *
 * What the port carries beside them stays, but the VLAN of frames without a tag is replaced. Errors of the request:
 * EINVAL, no port of a bridge; EOPNOTSUPP, a kernel before 5.6 or without VLAN filtering.
 */
export function setPortVlansRequest(ifindex: number, ranges: readonly VlanRange[]): RouteRequest {
  return { message: "RTM_NEWVLAN", body: toMessage(ifindex, ranges) };
}

/** Like `bridge vlan del dev PORT vid FIRST-LAST` for each range; VLANs that the port does not carry are passed over. */
export function deletePortVlansRequest(ifindex: number, ranges: readonly VlanRange[]): RouteRequest {
  return { message: "RTM_DELVLAN", body: toMessage(ifindex, ranges) };
}

/**
 * What one port carries, in the order of VLANs, neighbours that it treats alike as one; like `bridge vlan show dev PORT`.
 *
 * Other ports are not looked at, unlike with RTM_GETLINK and RTEXT_FILTER_BRVLAN.
 */
export function listPortVlans(socket: RouteSocket, ifindex: number): VlanRange[] {
  const body = { family: AF.BRIDGE, ifindex };
  const ranges: VlanRange[] = [];
  for (const message of socket.dump({ message: "RTM_GETVLAN", body }, "RTM_NEWVLAN")) {
    for (const entry of message.BRIDGE_VLANDB_ENTRY ?? []) ranges.push(toRange(entry));
  }
  return ranges;
}

type VlanMessage = ValueOf<typeof bridgeVlanMessage>;
type Entry = NonNullable<VlanMessage["BRIDGE_VLANDB_ENTRY"]>[number];

function toMessage(ifindex: number, ranges: readonly VlanRange[]): VlanMessage {
  return { family: AF.BRIDGE, ifindex, BRIDGE_VLANDB_ENTRY: ranges.map(toEntry) };
}

function toEntry({ first, last, isPvid, isUntagged }: VlanRange): Entry {
  const flags = (isPvid ? BRIDGE_VLAN_INFO.PVID : 0) | (isUntagged ? BRIDGE_VLAN_INFO.UNTAGGED : 0);
  return {
    BRIDGE_VLANDB_ENTRY_INFO: { flags, vid: first },
    ...(last === first ? {} : { BRIDGE_VLANDB_ENTRY_RANGE: last }),
  };
}

function toRange(entry: Entry): VlanRange {
  const { flags = 0, vid = 0 } = entry.BRIDGE_VLANDB_ENTRY_INFO ?? {};
  return {
    first: vid,
    last: entry.BRIDGE_VLANDB_ENTRY_RANGE ?? vid,
    isPvid: (flags & BRIDGE_VLAN_INFO.PVID) !== 0,
    isUntagged: (flags & BRIDGE_VLAN_INFO.UNTAGGED) !== 0,
  };
}
