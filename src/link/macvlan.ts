/** macvlan interfaces: hardware addresses of their own on an interface of the node. */

import { NLM_F } from "../netlink/codec/message.ts";
import { MACVLAN_MODE_BRIDGE } from "../netlink/route/link.ts";
import type { RouteRequest } from "./link.ts";

export interface MacvlanOptions {
  readonly ifname: string;
  readonly mac: string;
  /** Bytes; at most the parent's. */
  readonly mtu: number;
  /** ifindex of the interface that carries it. */
  readonly parent: number;
  /** Descriptor of the namespace that it is made in. */
  readonly netnsFd: number;
}

/**
 * Creates a macvlan interface inside a namespace, down; like
 * `ip link add IFNAME link PARENT address MAC mtu MTU netns NS type macvlan mode bridge`.
 *
 * To be sent from the parent's namespace. Interfaces of one parent reach each other directly, but not the node itself.
 * Errors of the request: EEXIST, the name is taken; EBUSY, the parent is a port of a bridge or has another handler;
 * EINVAL, the MTU is larger than the parent's; EOPNOTSUPP, this kernel has no macvlan.
 * @see IFLA_MACVLAN_MODE in linux/if_link.h
 */
export function createMacvlanRequest(options: MacvlanOptions): RouteRequest {
  const data = { IFLA_MACVLAN_MODE: MACVLAN_MODE_BRIDGE };
  return {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: options.ifname,
      IFLA_ADDRESS: options.mac,
      IFLA_MTU: options.mtu,
      IFLA_LINK: options.parent,
      IFLA_NET_NS_FD: options.netnsFd,
      IFLA_LINKINFO: { IFLA_INFO_KIND: "macvlan", IFLA_INFO_DATA: data },
    },
  };
}
