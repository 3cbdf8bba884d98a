/** Routes to other nodes' pods, and those that end what is for nobody: all by our number of a routing protocol. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix } from "../../addr/prefix.ts";
import { NLM_F } from "../../netlink/codec/message.ts";
import type { ValueOf } from "../../netlink/codec/type.ts";
import { AF, addressFamily, type RouteRequest } from "../../netlink/route/protocol.ts";
import { RT_TABLE_MAIN, RTN, RTNH_F_ONLINK, type routeMessage } from "../../netlink/route/route.ts";
import type { PeerRoute } from "../model/desired.ts";
import { type Entry, RANK } from "./entry.ts";

/** `proto 112` in ip-route(8): nobody else's, so that routes by it are ours. */
export const RTPROT_PODWIRE = 112;

/** Behind routes of people and of other programs to the same network, which have 0; IPv6's kernel ones have 256. */
const PEER_METRIC = 112;
/** Behind every other route. */
const BLACKHOLE_METRIC = 0x7fff_ffff;

type RouteMessage = ValueOf<typeof routeMessage>;

/** `ifindex`: of the interface that the route names. */
export function peerRouteEntry({ kind, dst, gateway, mtu }: PeerRoute, ifindex: number): Entry {
  const isSameFamily = gateway.family === dst.address.family;
  return toEntry({
    ...destination(dst),
    rtm_type: RTN.UNICAST,
    rtm_flags: kind === "tunnel" ? RTNH_F_ONLINK : 0,
    ...(isSameFamily ? { RTA_GATEWAY: gateway } : { RTA_VIA: gateway }),
    RTA_OIF: ifindex,
    RTA_PRIORITY: PEER_METRIC,
    ...(mtu === undefined ? {} : { RTA_METRICS: { RTAX_MTU: mtu } }),
  });
}

export function blackholeEntry(dst: Prefix): Entry {
  return toEntry({ ...destination(dst), rtm_type: RTN.BLACKHOLE, RTA_PRIORITY: BLACKHOLE_METRIC });
}

function destination(dst: Prefix) {
  return {
    rtm_family: addressFamily(dst.address.family),
    rtm_dst_len: dst.prefixLength,
    rtm_table: RT_TABLE_MAIN,
    rtm_protocol: RTPROT_PODWIRE,
    RTA_DST: networkOf(dst).address,
  };
}

/** Of a route that the kernel shows; undefined for one that is not ours. */
export function toRouteEntry(message: RouteMessage): Entry | undefined {
  const isOurs = message.rtm_protocol === RTPROT_PODWIRE && message.rtm_table === RT_TABLE_MAIN;
  return isOurs ? toEntry(message) : undefined;
}

function toEntry(message: RouteMessage): Entry {
  const { rtm_family, rtm_dst_len = 0, RTA_PRIORITY = 0, RTA_DST: dst } = message;
  const address = dst ?? { family: rtm_family === AF.INET ? 4 : 6, value: 0n };
  const key = `route ${formatPrefix({ address, prefixLength: rtm_dst_len })} metric ${RTA_PRIORITY}`;
  return {
    key,
    value: describe(message),
    add: { message: "RTM_NEWROUTE", flags: NLM_F.CREATE | NLM_F.REPLACE, body: message },
    remove: removal(message, address),
    rank: RANK.ROUTE,
  };
}

function describe({ rtm_type, RTA_GATEWAY, RTA_VIA, RTA_OIF, RTA_METRICS }: RouteMessage): string {
  if (rtm_type !== RTN.UNICAST) return `type ${rtm_type}`;
  const gateway = RTA_GATEWAY ?? RTA_VIA;
  const via = gateway === undefined ? "" : ` via ${formatAddress(gateway)}`;
  return `unicast${via} dev ${RTA_OIF} mtu ${RTA_METRICS?.RTAX_MTU ?? 0}`;
}

/** What tells the route from others, without what it leads to. */
function removal(message: RouteMessage, RTA_DST: Address): RouteRequest {
  const { RTA_GATEWAY: _gateway, RTA_VIA: _via, RTA_OIF: _oif, RTA_METRICS: _metrics, ...rest } = message;
  return { message: "RTM_DELROUTE", body: { ...rest, rtm_flags: 0, RTA_DST } };
}

/** All of ours in a family; for a dump. */
export function listRoutesRequest(rtm_family: number): RouteRequest {
  const body = { rtm_family, rtm_table: RT_TABLE_MAIN, rtm_protocol: RTPROT_PODWIRE };
  return { message: "RTM_GETROUTE", body };
}
