/** veth pairs: one end on the host, as a bridge port or by itself, the other made directly inside the container's namespace. */

import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError } from "../netlink/error.ts";
import { IN6_ADDR_GEN_MODE_NONE, RTEXT_FILTER } from "../netlink/route/link.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import { type Link, UP } from "./link.ts";

export interface VethEnd {
  readonly ifname: string;
  readonly mac: string;
}

export interface VethOptions {
  readonly host: VethEnd;
  readonly container: VethEnd;
  /** Descriptor of the namespace that the container's end is made in. */
  readonly netnsFd: number;
  /** Bytes. */
  readonly mtu: number;
  /** ifindex of the bridge; absent: a port of none. */
  readonly master?: number;
  /** Of the host's end; absent: 0. */
  readonly group?: number;
}

/**
 * Creates a veth pair, both ends down, the host's end a port of `master` where there is one.
 *
 * Like `ip link add HOST master BRIDGE group GROUP type veth peer name CONTAINER netns NS`. Errors of the request: EEXIST, either
 * name is taken and nothing was made.
 * @see veth(4); VETH_INFO_PEER in linux/veth.h
 */
export function createVethRequest(options: VethOptions): RouteRequest {
  const { host, container, netnsFd, mtu, master, group } = options;
  const peer = {
    IFLA_IFNAME: container.ifname,
    IFLA_ADDRESS: container.mac,
    IFLA_MTU: mtu,
    IFLA_NET_NS_FD: netnsFd,
  };
  return {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: host.ifname,
      IFLA_ADDRESS: host.mac,
      IFLA_MTU: mtu,
      ...(master === undefined ? {} : { IFLA_MASTER: master }),
      ...(group === undefined ? {} : { IFLA_GROUP: group }),
      IFLA_LINKINFO: { IFLA_INFO_KIND: "veth", IFLA_INFO_DATA: { VETH_INFO_PEER: peer } },
    },
  };
}

/** Names the owner of an interface; like `ip link set dev NAME alias ALIAS`. */
export function setAliasRequest(ifname: string, ifalias: string): RouteRequest {
  return { message: "RTM_SETLINK", body: { IFLA_IFNAME: ifname, IFLA_IFALIAS: ifalias } };
}

/**
 * Keeps the kernel from giving an interface a link-local address; like `ip link set dev NAME addrgenmode none`.
 *
 * A bridge port has no use for one, and the end of the port would have to wait for the address's. Errors of the
 * request: EAFNOSUPPORT, the interface has no IPv6 (MTU below 1280, or a kernel without it).
 */
export function noLinkLocalRequest(ifname: string): RouteRequest {
  const familySpecific = { AF_INET6: { IFLA_INET6_ADDR_GEN_MODE: IN6_ADDR_GEN_MODE_NONE } };
  return { message: "RTM_SETLINK", body: { IFLA_IFNAME: ifname, IFLA_AF_SPEC: familySpecific } };
}

/** Like `ip link set dev NAME up`. */
export function setUpRequest(ifname: string): RouteRequest {
  return { message: "RTM_SETLINK", body: { ...UP, IFLA_IFNAME: ifname } };
}

/** Sets how a bridge treats its port; like `ip link set dev NAME type bridge_slave hairpin on isolated on`. */
export function setPortRequest(
  ifname: string,
  port: { isHairpin: boolean; isIsolated: boolean },
): RouteRequest {
  const data = { IFLA_BRPORT_MODE: Number(port.isHairpin), IFLA_BRPORT_ISOLATED: Number(port.isIsolated) };
  return {
    message: "RTM_NEWLINK",
    body: {
      IFLA_IFNAME: ifname,
      IFLA_LINKINFO: { IFLA_INFO_SLAVE_KIND: "bridge", IFLA_INFO_SLAVE_DATA: data },
    },
  };
}

/**
 * False for a veth end whose other end is in a namespace that no process, file or socket holds any more: the kernel will
 * remove both, but may take its time.
 */
export function hasOtherEnd(socket: RouteSocket, { peer, peerNetns }: Link): boolean {
  if (peerNetns === undefined) return true;
  const body = { ifi_index: peer, IFLA_TARGET_NETNSID: peerNetns, IFLA_EXT_MASK: RTEXT_FILTER.SKIP_STATS };
  const [outcome] = socket.exchange([{ message: "RTM_GETLINK", body }]);
  const refusal = outcome?.refusal;
  if (refusal !== undefined && refusal.errno !== "EINVAL" && refusal.errno !== "ENODEV")
    throw new NetlinkError(refusal);
  return refusal === undefined;
}
