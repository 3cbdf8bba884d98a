/** The rtnetlink protocol: its messages by UAPI name, linux/rtnetlink.h. */

import type { Family } from "../../addr/address.ts";
import type { NetlinkSocket, Request } from "../socket.ts";
import { addressMessage } from "./address.ts";
import { bridgeVlanMessage } from "./bridge-vlan.ts";
import { linkFacts, linkMessage } from "./link.ts";
import { neighbourMessage } from "./neighbour.ts";
import { netconfMessage } from "./netconf.ts";
import { routeMessage } from "./route.ts";
import { ruleMessage } from "./rule.ts";
import { trafficControlMessage } from "./traffic-control.ts";

/** Address families, linux/socket.h. */
export const AF = { UNSPEC: 0, INET: 2, BRIDGE: 7, INET6: 10 } as const;

export function addressFamily(family: Family): number {
  return family === 4 ? AF.INET : AF.INET6;
}

export const rtnetlink = {
  /** NETLINK_ROUTE, linux/netlink.h. */
  number: 0,
  messages: {
    RTM_NEWLINK: [16, linkMessage, linkFacts],
    RTM_DELLINK: [17, linkMessage],
    RTM_GETLINK: [18, linkMessage],
    RTM_SETLINK: [19, linkMessage],
    RTM_NEWADDR: [20, addressMessage],
    RTM_DELADDR: [21, addressMessage],
    RTM_GETADDR: [22, addressMessage],
    RTM_NEWROUTE: [24, routeMessage],
    RTM_DELROUTE: [25, routeMessage],
    RTM_GETROUTE: [26, routeMessage],
    RTM_NEWNEIGH: [28, neighbourMessage],
    RTM_DELNEIGH: [29, neighbourMessage],
    RTM_GETNEIGH: [30, neighbourMessage],
    RTM_NEWRULE: [32, ruleMessage],
    RTM_DELRULE: [33, ruleMessage],
    RTM_GETRULE: [34, ruleMessage],
    RTM_NEWQDISC: [36, trafficControlMessage],
    RTM_DELQDISC: [37, trafficControlMessage],
    RTM_GETQDISC: [38, trafficControlMessage],
    RTM_NEWTCLASS: [40, trafficControlMessage],
    RTM_DELTCLASS: [41, trafficControlMessage],
    RTM_GETTCLASS: [42, trafficControlMessage],
    RTM_NEWTFILTER: [44, trafficControlMessage],
    RTM_DELTFILTER: [45, trafficControlMessage],
    RTM_GETTFILTER: [46, trafficControlMessage],
    RTM_NEWNETCONF: [80, netconfMessage],
    RTM_GETNETCONF: [82, netconfMessage],
    RTM_NEWVLAN: [112, bridgeVlanMessage],
    RTM_DELVLAN: [113, bridgeVlanMessage],
    RTM_GETVLAN: [114, bridgeVlanMessage],
  },
  singles: ["RTM_GETLINK", "RTM_GETROUTE", "RTM_GETNEIGH", "RTM_GETNETCONF"],
} as const;

/** Multicast groups, `enum rtnetlink_groups`. */
export const RTNLGRP = {
  LINK: 1,
  NEIGH: 3,
  IPV4_IFADDR: 5,
  IPV4_ROUTE: 7,
  IPV6_IFADDR: 9,
  IPV6_ROUTE: 11,
  IPV4_NETCONF: 24,
  IPV6_NETCONF: 25,
} as const;

export type RouteSocket = NetlinkSocket<typeof rtnetlink>;
export type RouteRequest = Request<typeof rtnetlink>;
