/** Network interfaces as values, and the verbs that all kinds share. */

import { isErrno } from "../linux/error.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { NetlinkError } from "../netlink/error.ts";
import { IFF, type linkMessage, RTEXT_FILTER } from "../netlink/route/link.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import type { Outcome } from "../netlink/socket.ts";

export interface Link {
  readonly ifindex: number;
  readonly ifname: string;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
  readonly isUp: boolean;
  readonly isPromiscuous: boolean;
  readonly isAllMulticast: boolean;
  /** Packets. */
  readonly txQueueLength: number;
  /** IF_OPER_*, RFC 2863. */
  readonly operstate: number;
  /** Whether packets from and to 127.0.0.0/8 may pass it. */
  readonly routesLocalnet: boolean;
  /** Whether packets that come in by it are routed on; true where the kernel does not say. */
  readonly forwardsIpv4: boolean;
  readonly forwardsIpv6: boolean;
  /** Whether router advertisements that come in by it give the node addresses and routes. */
  readonly acceptsRa: boolean;
  /** "veth", "bridge", …; empty for physical ones. */
  readonly kind: string;
  /** Who made it and for whom; may be empty. */
  readonly ifalias: string;
  /** Name of the device that it belongs to, "0000:01:10.0"; empty for none, and before Linux 5.14. */
  readonly parentDevice: string;
  /** ifindex of the bridge that it is a port of; 0 for none. */
  readonly master: number;
  /** 0 for one that nobody has put into a group. */
  readonly group: number;
  /** ifindex of a veth's other end, in the other end's namespace; of a vlan's or macvlan's parent; 0 for none. */
  readonly peer: number;
  /** The number that this namespace has for the one of `peer`; undefined where that is the same. */
  readonly peerNetns: number | undefined;
  /** Of a vlan interface alone. */
  readonly tag: VlanTag | undefined;
  /** Of a bridge alone, in kernels that can filter VLANs. */
  readonly filter: VlanFilter | undefined;
  readonly isHairpin: boolean;
  readonly isIsolated: boolean;
}

export interface VlanTag {
  readonly vlan: number;
  /** ETH_P_*: 802.1q or 802.1ad. */
  readonly protocol: number;
}

export interface VlanFilter {
  readonly isOn: boolean;
  /** The VLAN that each new port gets, untagged; 0 for none. */
  readonly defaultPvid: number;
}

export type LinkMessage = ValueOf<typeof linkMessage>;

export function toLink(message: LinkMessage): Link {
  const flags = message.ifi_flags ?? 0;
  const info = message.IFLA_LINKINFO;
  const ipv4 = message.IFLA_AF_SPEC?.AF_INET?.IFLA_INET_CONF;
  const ipv6 = message.IFLA_AF_SPEC?.AF_INET6?.IFLA_INET6_CONF;
  return {
    ifindex: message.ifi_index ?? 0,
    ifname: message.IFLA_IFNAME ?? "",
    mac: message.IFLA_ADDRESS ?? "",
    mtu: message.IFLA_MTU ?? 0,
    isUp: (flags & IFF.UP) !== 0,
    isPromiscuous: (flags & IFF.PROMISC) !== 0,
    isAllMulticast: (flags & IFF.ALLMULTI) !== 0,
    txQueueLength: message.IFLA_TXQLEN ?? 0,
    operstate: message.IFLA_OPERSTATE ?? 0,
    routesLocalnet: ipv4?.IPV4_DEVCONF_ROUTE_LOCALNET === 1,
    forwardsIpv4: ipv4?.IPV4_DEVCONF_FORWARDING !== 0,
    forwardsIpv6: ipv6?.DEVCONF_FORWARDING !== 0,
    acceptsRa: ipv6 !== undefined && ipv6.DEVCONF_ACCEPT_RA !== 0,
    kind: info?.IFLA_INFO_KIND ?? "",
    ifalias: message.IFLA_IFALIAS ?? "",
    master: message.IFLA_MASTER ?? 0,
    group: message.IFLA_GROUP ?? 0,
    peer: message.IFLA_LINK ?? 0,
    peerNetns: message.IFLA_LINK_NETNSID,
    tag: toTag(info?.IFLA_INFO_DATA),
    filter: toFilter(info?.IFLA_INFO_DATA),
    parentDevice: message.IFLA_PARENT_DEV_NAME ?? "",
    isHairpin: info?.IFLA_INFO_SLAVE_DATA?.IFLA_BRPORT_MODE === 1,
    isIsolated: info?.IFLA_INFO_SLAVE_DATA?.IFLA_BRPORT_ISOLATED === 1,
  };
}

type KindData = NonNullable<LinkMessage["IFLA_LINKINFO"]>["IFLA_INFO_DATA"];

function toTag(data: KindData): VlanTag | undefined {
  if (data?.IFLA_VLAN_ID === undefined) return undefined;
  return { vlan: data.IFLA_VLAN_ID, protocol: data.IFLA_VLAN_PROTOCOL ?? 0 };
}

function toFilter(data: KindData): VlanFilter | undefined {
  if (data?.IFLA_BR_VLAN_DEFAULT_PVID === undefined) return undefined;
  return { isOn: data.IFLA_BR_VLAN_FILTERING === 1, defaultPvid: data.IFLA_BR_VLAN_DEFAULT_PVID };
}

/** The request for one interface by name; like `ip link show dev NAME`. */
export function getLinkRequest(ifname: string): RouteRequest {
  return { message: "RTM_GETLINK", body: { IFLA_IFNAME: ifname, IFLA_EXT_MASK: RTEXT_FILTER.SKIP_STATS } };
}

/** The interface of that name; undefined where there is none. */
export function getLink(socket: RouteSocket, ifname: string): Link | undefined {
  const [link] = getLinks(socket, [ifname]);
  return link;
}

/** Looks several names up in one go; undefined for each that does not exist. */
export function getLinks(socket: RouteSocket, ifnames: readonly string[]): (Link | undefined)[] {
  return toLinks(socket, socket.exchange(ifnames.map(getLinkRequest)));
}

/** What came of requests for one interface each; undefined for each that does not exist. */
export function toLinks(socket: RouteSocket, outcomes: readonly Outcome[]): (Link | undefined)[] {
  return outcomes.map(({ replies, refusal }) => {
    if (refusal !== undefined && refusal.errno !== "ENODEV") throw new NetlinkError(refusal);
    const [message] = socket.decode(replies, "RTM_NEWLINK");
    return message === undefined ? undefined : toLink(message);
  });
}

export function getLinkByIndex(socket: RouteSocket, ifindex: number): Link {
  const [message] = socket.get({ message: "RTM_GETLINK", body: { ifi_index: ifindex } }, "RTM_NEWLINK");
  return toLink(message ?? {});
}

/** All interfaces of the namespace; like `ip link show`. */
export function listLinks(socket: RouteSocket): Link[] {
  const body = { IFLA_EXT_MASK: RTEXT_FILTER.SKIP_STATS };
  return socket.dump({ message: "RTM_GETLINK", body }, "RTM_NEWLINK").map(toLink);
}

/** The part of an RTM_SETLINK that sets an interface up; like `ip link set dev NAME up`. */
export const UP = { ifi_flags: IFF.UP, ifi_change: IFF.UP } as const;

/** The same for down; like `ip link set dev NAME down`. */
export const DOWN = { ifi_flags: 0, ifi_change: IFF.UP } as const;

/** Marks of groups that hold for a moment: no number that a person would choose. */
const GROUP_BASE = 0x7077_0000;

/**
 * Removes interfaces in one go, in which the kernel waits once for all readers instead of once for each; like
 * `ip link set dev EACH group GROUP`, then `ip link delete group GROUP`. Those that are gone are passed over: a pair goes
 * with the namespace of its other end at any moment.
 */
export function deleteLinks(socket: RouteSocket, ifindexes: readonly number[]): void {
  if (ifindexes.length < 2) {
    for (const ifindex of ifindexes) deleteLink(socket, ifindex);
    return;
  }
  const IFLA_GROUP = GROUP_BASE + ((ifindexes[0] ?? 0) & 0xffff);
  const outcomes = socket.exchange([
    ...ifindexes.map(
      (ifi_index): RouteRequest => ({ message: "RTM_SETLINK", body: { ifi_index, IFLA_GROUP } }),
    ),
    { message: "RTM_DELLINK", body: { IFLA_GROUP } },
  ]);
  for (const { refusal } of outcomes)
    if (refusal !== undefined && refusal.errno !== "ENODEV") throw new NetlinkError(refusal);
}

/** Removes an interface, of a veth pair both; false where it was gone. Like `ip link delete`. */
export function deleteLink(socket: RouteSocket, ifindex: number): boolean {
  try {
    socket.request({ message: "RTM_DELLINK", body: { ifi_index: ifindex } });
    return true;
  } catch (error) {
    if (isErrno(error, "ENODEV")) return false;
    throw error;
  }
}
