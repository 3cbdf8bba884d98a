/** macvlan interfaces: MAC addresses of their own on an interface of the node, each inside a pod. */

import { NLM_F } from "../netlink/codec/message.ts";
import { MACVLAN_MODE_BRIDGE } from "../netlink/route/link.ts";
import type { RouteRequest, RouteSocket } from "../netlink/route/protocol.ts";
import { deleteLink, getLink, getLinks, type Link } from "./link.ts";

export interface MacvlanOptions {
  readonly ifname: string;
  readonly mac: string;
  readonly ifalias: string;
  /** Bytes; at most the parent's. */
  readonly mtu: number;
  /** ifindex of the interface that carries it. */
  readonly parent: number;
  /** Descriptor of the pod's namespace. */
  readonly netnsFd: number;
}

/** Where the parent is, and where the interface is to be. */
export interface Places {
  readonly host: RouteSocket;
  readonly container: RouteSocket;
}

/**
 * Creates a macvlan interface inside the pod's namespace, down; like
 *
 *     ip link add TEMPORARY link PARENT address MAC mtu MTU netns NS type macvlan mode bridge
 *     ip -n NS link set TEMPORARY name IFNAME; ip -n NS link set IFNAME alias IFALIAS
 *
 * Interfaces of one parent reach each other directly, but not the node itself. It is made under a name that no
 * interface of the node has, since kernels as late as 6.1 look for the new name where the request comes from.
 * @throws {NetlinkError} EEXIST: the name is taken, nothing is left; EBUSY: the parent is a port of a bridge or has
 * another handler; EINVAL: the MTU is larger than the parent's; EOPNOTSUPP: this kernel has no macvlan
 * @see IFLA_MACVLAN_MODE in linux/if_link.h
 */
export function createMacvlan({ host, container }: Places, options: MacvlanOptions): Link {
  const { ifname, ifalias, mac } = options;
  const temporary = temporaryNameOf(mac);
  host.request(createRequest(temporary, options));
  const link = getLink(container, temporary);
  if (link === undefined) throw new Error(`interface "${temporary}" vanished right after it was made`);
  try {
    const body = { ifi_index: link.ifindex, IFLA_IFNAME: ifname, IFLA_IFALIAS: ifalias };
    container.request({ message: "RTM_SETLINK", body });
  } catch (error) {
    deleteLink(container, link.ifindex);
    throw error;
  }
  return { ...link, ifname, ifalias };
}

/** Removes the interface where it bears the mark, also one whose creation was cut off; false where there is none. */
export function removeMacvlan(
  container: RouteSocket,
  { ifname, mac, ifalias }: Pick<MacvlanOptions, "ifname" | "mac" | "ifalias">,
): boolean {
  const [finished, unfinished] = getLinks(container, [ifname, temporaryNameOf(mac)]);
  const own = finished?.ifalias === ifalias ? finished : unfinished;
  return own?.kind === "macvlan" && deleteLink(container, own.ifindex);
}

/** Like `mv020000000001`: MAC addresses are unique on a link. */
function temporaryNameOf(mac: string): string {
  return `mv${mac.replaceAll(":", "")}`;
}

function createRequest(ifname: string, { mac, mtu, parent, netnsFd }: MacvlanOptions): RouteRequest {
  const data = { IFLA_MACVLAN_MODE: MACVLAN_MODE_BRIDGE };
  return {
    message: "RTM_NEWLINK",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      IFLA_IFNAME: ifname,
      IFLA_ADDRESS: mac,
      IFLA_MTU: mtu,
      IFLA_LINK: parent,
      IFLA_NET_NS_FD: netnsFd,
      IFLA_LINKINFO: { IFLA_INFO_KIND: "macvlan", IFLA_INFO_DATA: data },
    },
  };
}
