/** veth pairs: one end on the host as a bridge port, the other made directly inside the container's namespace. */

import { NLM_F } from "../netlink/codec/message.ts";
import { IFF } from "../netlink/route/link.ts";
import type { RouteRequest } from "./link.ts";

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
  /** ifindex of the bridge. */
  readonly master: number;
}

/**
 * Creates a veth pair, the host's end up and a port of `master`, the container's end down.
 *
 * Like `ip link add HOST up master BRIDGE type veth peer name CONTAINER netns NS`. Errors of the request: EEXIST,
 * either name is taken and nothing was made.
 * @see veth(4); VETH_INFO_PEER in linux/veth.h
 */
export function createVethRequest({ host, container, netnsFd, mtu, master }: VethOptions): RouteRequest {
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
      ifi_flags: IFF.UP,
      ifi_change: IFF.UP,
      IFLA_IFNAME: host.ifname,
      IFLA_ADDRESS: host.mac,
      IFLA_MTU: mtu,
      IFLA_MASTER: master,
      IFLA_LINKINFO: { IFLA_INFO_KIND: "veth", IFLA_INFO_DATA: { VETH_INFO_PEER: peer } },
    },
  };
}

/** Names the owner of an interface; like `ip link set dev NAME alias ALIAS`. */
export function setAliasRequest(ifname: string, ifalias: string): RouteRequest {
  return { message: "RTM_SETLINK", body: { IFLA_IFNAME: ifname, IFLA_IFALIAS: ifalias } };
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
