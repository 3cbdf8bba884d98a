/** Whether the node routes, asked by netlink: the names below /proc/sys/net cost more with each namespace of the node. */

import type { Family } from "../addr/address.ts";
import type { Report } from "../linux/report.ts";
import { readSysctl, setSysctl } from "../linux/sysctl.ts";
import { NETCONFA_IFINDEX_ALL } from "../netlink/route/netconf.ts";
import { addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import { RTPROT_RA } from "../netlink/route/route.ts";
import { getLinkByIndex, type Link } from "./link.ts";
import { listRoutes } from "./route.ts";

const KEYS = { 4: "net/ipv4/ip_forward", 6: "net/ipv6/conf/all/forwarding" } as const;

/** The families of these that the node does not route. */
export function listUnforwarded(socket: RouteSocket, families: readonly Family[]): Family[] {
  const outcomes = socket.exchange(families.map(getRequest));
  return families.filter((_, index) => {
    const [found] = socket.decode(outcomes[index]?.replies ?? [], "RTM_NEWNETCONF");
    return found?.NETCONFA_FORWARDING === 0; // undefined: this kernel does not have the family
  });
}

/** Like `sysctl net.ipv4.ip_forward=1`, for the families that need it. `report`: called for what else had to change. */
export function ensureForwarding(socket: RouteSocket, families: readonly Family[], report: Report): void {
  for (const family of listUnforwarded(socket, families)) {
    if (family === 6) keepAdvertisedRoutes(socket, report);
    setSysctl(KEYS[family], "1");
  }
}

/** A node that forwards IPv6 takes router advertisements by interfaces with accept_ra 2 alone, and forgets the others' routes at once. */
function keepAdvertisedRoutes(socket: RouteSocket, report: Report): void {
  const advertised = listRoutes(socket).filter(({ protocol }) => protocol === RTPROT_RA);
  for (const ifindex of new Set(advertised.map((route) => route.ifindex))) {
    if (ifindex === undefined) continue;
    const { ifname } = getLinkByIndex(socket, ifindex);
    const key = `net/ipv6/conf/${ifname}/accept_ra`;
    if (readSysctl(key) !== "1") continue;
    setSysctl(key, "2");
    report(
      `set ${key} to 2: the node forwards IPv6 from now on, and has routes from advertisements on "${ifname}"`,
    );
  }
}

/**
 * The same for one interface, where the parameter of new interfaces or a person has turned it off; and no advertisement
 * of a pod may give the node addresses and routes. `link` as the kernel showed it.
 */
export function ensureRouter(socket: RouteSocket, link: Link, families: readonly Family[]): void {
  const conf = `net/ipv6/conf/${link.ifname}`;
  if (link.acceptsRa) setSysctl(`${conf}/accept_ra`, "0");
  if (!link.forwardsIpv4 && families.includes(4)) socket.request(forwardIpv4Request(link.ifname));
  if (!link.forwardsIpv6 && families.includes(6)) setSysctl(`${conf}/forwarding`, "1");
}

/** Like `sysctl net.ipv4.conf.IFNAME.forwarding=1`. */
function forwardIpv4Request(ifname: string): RouteRequest {
  const conf = { IPV4_DEVCONF_FORWARDING: 1 };
  return {
    message: "RTM_SETLINK",
    body: { IFLA_IFNAME: ifname, IFLA_AF_SPEC: { AF_INET: { IFLA_INET_CONF: conf } } },
  };
}

/** Each difference from what {@link ensureRouter} makes, as `sysctl KEY is 0, want 1`. */
export function checkRouter(link: Link, families: readonly Family[]): string[] {
  return families
    .filter((family) => !(family === 4 ? link.forwardsIpv4 : link.forwardsIpv6))
    .map((family) => `sysctl net/ipv${family}/conf/${link.ifname}/forwarding is 0, want 1`);
}

/** Name of the parameter, for people. */
export function forwardingKey(family: Family): string {
  return KEYS[family];
}

function getRequest(family: Family): RouteRequest {
  const body = { ncm_family: addressFamily(family), NETCONFA_IFINDEX: NETCONFA_IFINDEX_ALL };
  return { message: "RTM_GETNETCONF", body };
}
