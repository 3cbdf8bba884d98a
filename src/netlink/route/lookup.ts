/** Numbers that lookups of routes and neighbours are asked and answered with, linux/rtnetlink.h and linux/neighbour.h. */

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

/** Bits of `ndm_state`. */
export const NUD = {
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
} as const;
