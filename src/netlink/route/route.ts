/** Routes: RTM_{NEW,DEL,GET}ROUTE, linux/rtnetlink.h. */

import type { Address } from "../../addr/address.ts";
import { attributes } from "../codec/attributes.ts";
import { u8, u16, u32 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";
import { address, concatenate, type PayloadType, raw } from "../codec/type.ts";

const AF_INET = 2; // linux/socket.h
const AF_INET6 = 10;
export const RT_TABLE_MAIN = 254;
export const RT_TABLE_LOCAL = 255;
/** Of a route: its destination is on the link; of an address: it is valid on its link alone. */
export const RT_SCOPE_LINK = 253;
export const RTPROT_BOOT = 3;
/** Learned from a router's advertisement. */
export const RTPROT_RA = 9;

/** `enum` RTN_*: what a route does with a packet. */
export const RTN = {
  UNICAST: 1,
  LOCAL: 2,
  BROADCAST: 3,
  ANYCAST: 4,
  MULTICAST: 5,
  BLACKHOLE: 6,
  UNREACHABLE: 7,
  PROHIBIT: 8,
} as const;

/** Tell the table of the route that was found: in `rtm_flags` of an IPv4 RTM_GETROUTE; IPv6 always does. */
export const RTM_F_LOOKUP_TABLE = 0x1000;

/** Ask a lookup for the route entry that matched instead of its resolution: in `rtm_flags` of RTM_GETROUTE. */
export const RTM_F_FIB_MATCH = 0x2000;

/** In `rtm_flags`: the gateway is taken for a neighbour, whatever the routes say; linux/rtnetlink.h. */
export const RTNH_F_ONLINK = 4;

/** `struct rtmsg`. */
const rtmsg = struct({
  rtm_family: u8,
  rtm_dst_len: u8,
  rtm_src_len: u8,
  rtm_tos: u8,
  rtm_table: u8,
  rtm_protocol: u8,
  rtm_scope: u8,
  rtm_type: u8,
  rtm_flags: u32,
});

/** `enum` RTAX_*. */
const routeMetrics = attributes({ RTAX_MTU: [2, u32], RTAX_ADVMSS: [8, u32] });

/** `struct rtvia`: a gateway of another family than the destination. */
const rtvia: PayloadType<Address> = {
  read: (payload) => address.read(payload.subarray(u16.size), {}),
  write: (value) =>
    concatenate([u16.write(value.family === 4 ? AF_INET : AF_INET6, {}), address.write(value, {})]),
};

/** `enum` RTA_*. */
const routeAttributes = attributes({
  RTA_DST: [1, address],
  RTA_SRC: [2, address],
  RTA_IIF: [3, u32],
  RTA_OIF: [4, u32],
  RTA_GATEWAY: [5, address],
  RTA_PRIORITY: [6, u32],
  RTA_PREFSRC: [7, address],
  RTA_METRICS: [8, routeMetrics],
  RTA_MULTIPATH: [9, raw], // array of struct rtnexthop
  RTA_TABLE: [15, u32],
  RTA_VIA: [18, rtvia],
});

export const routeMessage = headed(rtmsg, routeAttributes);

/** `struct rtnexthop`, the head of each entry in RTA_MULTIPATH. */
export const rtnexthop = struct({ rtnh_len: u16, rtnh_flags: u8, rtnh_hops: u8, rtnh_ifindex: u32 });
