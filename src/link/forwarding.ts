/** Whether the node routes, asked by netlink: the names below /proc/sys/net cost more with each namespace of the node. */

import type { Family } from "../addr/address.ts";
import { setSysctl } from "../linux/sysctl.ts";
import { NETCONFA_IFINDEX_ALL } from "../netlink/route/netconf.ts";
import { addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";

const KEYS = { 4: "net/ipv4/ip_forward", 6: "net/ipv6/conf/all/forwarding" } as const;

/** The families of these that the node does not route. */
export function listUnforwarded(socket: RouteSocket, families: readonly Family[]): Family[] {
  const outcomes = socket.exchange(families.map(getRequest));
  return families.filter((_, index) => {
    const [found] = socket.decode(outcomes[index]?.replies ?? [], "RTM_NEWNETCONF");
    return found?.NETCONFA_FORWARDING === 0; // undefined: this kernel does not have the family
  });
}

/** Like `sysctl net.ipv4.ip_forward=1`, for the families that need it. */
export function ensureForwarding(socket: RouteSocket, families: readonly Family[]): void {
  for (const family of listUnforwarded(socket, families)) setSysctl(KEYS[family], "1");
}

/** Name of the parameter, for people. */
export function forwardingKey(family: Family): string {
  return KEYS[family];
}

function getRequest(family: Family): RouteRequest {
  const body = { ncm_family: addressFamily(family), NETCONFA_IFINDEX: NETCONFA_IFINDEX_ALL };
  return { message: "RTM_GETNETCONF", body };
}
