/** Routes. */

import { ADDRESS_BITS, type Address, parseAddress } from "../addr/address.ts";
import { networkOf, type Prefix } from "../addr/prefix.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { AF, addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import {
  RT_TABLE_LOCAL,
  RT_TABLE_MAIN,
  RTM_F_FIB_MATCH,
  RTN,
  RTPROT_BOOT,
  type routeMessage,
  rtnexthop,
} from "../netlink/route/route.ts";
import { getLinkByIndex } from "./link.ts";

export interface Route {
  readonly dst: Prefix;
  readonly gateway?: Address | undefined;
  /** The sender that the namespace's own packets get; absent: the kernel's choice. Not told of listed routes. */
  readonly source?: Address | undefined;
  /** Bytes. */
  readonly mtu?: number | undefined;
  /** Bytes. */
  readonly advmss?: number | undefined;
  readonly priority?: number | undefined;
  readonly table?: number | undefined;
  readonly scope?: number | undefined;
}

/** Like `ip route add DST via GATEWAY dev IFINDEX mtu MTU src SOURCE advmss ADVMSS metric PRIORITY table TABLE scope SCOPE`. */
export function addRouteRequest(ifindex: number, route: Route): RouteRequest {
  const { family } = route.dst.address;
  const table = route.table ?? RT_TABLE_MAIN;
  const hasMetrics = route.mtu !== undefined || route.advmss !== undefined;
  return {
    message: "RTM_NEWROUTE",
    flags: NLM_F.CREATE,
    body: {
      rtm_family: addressFamily(family),
      rtm_dst_len: route.dst.prefixLength,
      rtm_table: table < 256 ? table : 0,
      rtm_protocol: RTPROT_BOOT,
      rtm_scope: route.scope ?? 0,
      rtm_type: RTN.UNICAST,
      ...(route.dst.prefixLength === 0 ? {} : { RTA_DST: networkOf(route.dst).address }),
      ...(route.gateway === undefined ? {} : { RTA_GATEWAY: route.gateway }),
      ...(route.source === undefined ? {} : { RTA_PREFSRC: route.source }),
      RTA_OIF: ifindex,
      RTA_TABLE: table,
      ...(route.priority === undefined ? {} : { RTA_PRIORITY: route.priority }),
      ...(hasMetrics ? { RTA_METRICS: metricsOf(route) } : {}),
    },
  };
}

/** The same where the namespace has no such route by any interface. Errors of the request: EEXIST, it has one. */
export function addOnlyRouteRequest(ifindex: number, route: Route): RouteRequest {
  return { ...addRouteRequest(ifindex, route), flags: NLM_F.CREATE | NLM_F.EXCL };
}

/**
 * Removes the route for multicast that the kernel gives an interface with IPv6 when it gets its carrier; like
 * `ip -6 route delete multicast ff00::/8 dev IFINDEX table local`. Errors of the request: ESRCH, there is none.
 */
export function deleteMulticastRouteRequest(ifindex: number): RouteRequest {
  return {
    message: "RTM_DELROUTE",
    body: {
      rtm_family: AF.INET6,
      rtm_dst_len: 8,
      rtm_table: RT_TABLE_LOCAL,
      rtm_type: RTN.MULTICAST,
      RTA_DST: { family: 6, value: 0xff00n << 112n },
      RTA_OIF: ifindex,
    },
  };
}

function metricsOf({ mtu, advmss }: Route) {
  return {
    ...(mtu === undefined ? {} : { RTAX_MTU: mtu }),
    ...(advmss === undefined ? {} : { RTAX_ADVMSS: advmss }),
  };
}

/** A route that the kernel has. */
export interface ListedRoute extends Route {
  readonly ifindex: number | undefined;
  /** RTPROT_*: who made it. */
  readonly protocol: number | undefined;
}

/** All unicast routes of both families in all tables; like `ip route show table all`. */
export function listRoutes(socket: RouteSocket): ListedRoute[] {
  return [AF.INET, AF.INET6].flatMap((family) => {
    const routes = socket.dump({ message: "RTM_GETROUTE", body: { rtm_family: family } }, "RTM_NEWROUTE");
    return routes.filter((message) => message.rtm_type === RTN.UNICAST).map(toRoute);
  });
}

type RouteMessage = ValueOf<typeof routeMessage>;

function toRoute(message: RouteMessage): ListedRoute {
  const zero = { family: message.rtm_family === AF.INET ? 4 : 6, value: 0n } as const;
  return {
    dst: { address: message.RTA_DST ?? zero, prefixLength: message.rtm_dst_len ?? 0 },
    gateway: message.RTA_GATEWAY,
    mtu: message.RTA_METRICS?.RTAX_MTU,
    advmss: message.RTA_METRICS?.RTAX_ADVMSS,
    priority: message.RTA_PRIORITY,
    table: message.RTA_TABLE ?? message.rtm_table,
    scope: message.rtm_scope,
    ifindex: message.RTA_OIF,
    protocol: message.rtm_protocol,
  };
}

// Addresses kept for documentation (RFC 5737, RFC 3849): hardly any route but a default one leads to them.
const ELSEWHERE = ["192.0.2.1", "198.51.100.1", "203.0.113.1", "2001:db8::1"];

/** MTU in bytes of the interface that holds the default route, IPv4's before IPv6's; undefined without one. */
export function defaultRouteMtu(socket: RouteSocket): number | undefined {
  const elsewhere = ELSEWHERE.flatMap((text) => parseAddress(text) ?? []);
  const outcomes = socket.exchange(elsewhere.map(matchRouteRequest));
  const matches = outcomes.flatMap(({ replies }) => socket.decode(replies, "RTM_NEWROUTE"));
  const found = matches.find((message) => message.rtm_dst_len === 0);
  const ifindex = found && (found.RTA_OIF ?? firstNextHop(found));
  return ifindex === undefined ? undefined : getLinkByIndex(socket, ifindex).mtu;
}

/** Asks for the route entry that an address matches; an error means that there is none. */
export function matchRouteRequest(address: Address): RouteRequest {
  const body = {
    rtm_family: addressFamily(address.family),
    rtm_dst_len: ADDRESS_BITS[address.family],
    rtm_flags: RTM_F_FIB_MATCH,
    RTA_DST: address,
  };
  return { message: "RTM_GETROUTE", body };
}

function firstNextHop(message: RouteMessage): number | undefined {
  return message.RTA_MULTIPATH === undefined
    ? undefined
    : rtnexthop.read(message.RTA_MULTIPATH, {}).rtnh_ifindex;
}
