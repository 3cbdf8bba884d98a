/** What the kernel tells of interfaces, addresses, routes and neighbours, as far as it matters to the cluster. */

import type { Address } from "../../addr/address.ts";
import { type Prefix, prefixContains } from "../../addr/prefix.ts";
import { i32 } from "../../netlink/codec/integer.ts";
import { decodeMessages, type Message } from "../../netlink/codec/message.ts";
import { addressMessage } from "../../netlink/route/address.ts";
import { linkFacts } from "../../netlink/route/link.ts";
import { neighbourMessage } from "../../netlink/route/neighbour.ts";
import { NETCONFA_IFINDEX_ALL, netconfMessage } from "../../netlink/route/netconf.ts";
import { AF, RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { RT_TABLE_LOCAL, routeMessage } from "../../netlink/route/route.ts";
import { KernelWatch } from "../../node/kernel-watch.ts";
import { isTunnelName } from "../model/peer.ts";
import type { ClusterKernel } from "./kernel.ts";
import { neighbourKey, toNeighbourEntry } from "./neighbours.ts";
import { RTPROT_PODWIRE, toRouteEntry } from "./routes.ts";

/**
 * `repair`: something of ours is gone or other; `look`: the ways of this node may be others, interfaces, addresses and all;
 * `nothing`: it is as it should be, or nobody's business.
 */
export type Meaning = "nothing" | "repair" | "look";

export interface Interest {
  readonly kernel: ClusterKernel;
  /** ifindexes of the interfaces by which others are reached; undefined: none is known, any may become one. */
  readonly uplinks: readonly number[] | undefined;
  /** Networks of this node's pods, which come and go without end. */
  readonly podRanges: readonly Prefix[];
  /** Of all nodes: routes to others do not matter. */
  readonly nodeAddresses: readonly Address[];
}

const GROUPS = [
  RTNLGRP.LINK,
  RTNLGRP.NEIGH,
  RTNLGRP.IPV4_IFADDR,
  RTNLGRP.IPV6_IFADDR,
  RTNLGRP.IPV4_ROUTE,
  RTNLGRP.IPV6_ROUTE,
  RTNLGRP.IPV4_NETCONF,
  RTNLGRP.IPV6_NETCONF,
];

/** @throws {SyscallError} EPERM: no CAP_NET_ADMIN */
export function watchKernel(interest: () => Interest, told: (meaning: Meaning) => void): KernelWatch {
  return new KernelWatch({
    protocol: rtnetlink.number,
    groups: GROUPS,
    told: (datagram) => told(datagram === "lost" ? "look" : meaningOf(decodeMessages(datagram), interest())),
  });
}

const ORDER: readonly Meaning[] = ["nothing", "repair", "look"];

function meaningOf(messages: readonly Message[], interest: Interest): Meaning {
  const meanings = messages.map((message) => READERS.get(message.type)?.(message.payload, interest));
  return ORDER.findLast((one) => meanings.includes(one)) ?? "nothing";
}

type Reader = (payload: Uint8Array, interest: Interest) => Meaning;

const { messages: M } = rtnetlink;
const READERS: ReadonlyMap<number, Reader> = new Map<number, Reader>([
  [M.RTM_NEWLINK[0], readLink],
  [M.RTM_DELLINK[0], readLink],
  [M.RTM_NEWADDR[0], readAddress],
  [M.RTM_DELADDR[0], readAddress],
  [M.RTM_NEWROUTE[0], (payload, interest) => readRoute(payload, interest, true)],
  [M.RTM_DELROUTE[0], (payload, interest) => readRoute(payload, interest, false)],
  [M.RTM_NEWNETCONF[0], readSettings],
  [M.RTM_NEWNEIGH[0], (payload, interest) => readNeighbour(payload, interest, true)],
  [M.RTM_DELNEIGH[0], (payload, interest) => readNeighbour(payload, interest, false)],
]);

function readLink(payload: Uint8Array, { uplinks }: Interest): Meaning {
  const { ifi_index = 0, IFLA_IFNAME = "" } = linkFacts.read(payload, {});
  return uplinks === undefined || uplinks.includes(ifi_index) || isTunnelName(IFLA_IFNAME)
    ? "look"
    : "nothing";
}

function readAddress(payload: Uint8Array, { kernel, podRanges }: Interest): Meaning {
  const { ifa_index = 0, IFA_LOCAL, IFA_ADDRESS } = addressMessage.read(payload, {});
  if (kernel.tunnels.includes(ifa_index)) return "look";
  const address = IFA_LOCAL ?? IFA_ADDRESS;
  const isOfPods = address !== undefined && podRanges.some((range) => prefixContains(range, address));
  return isOfPods ? "nothing" : "look";
}

/** Whether the node routes at all: somebody may have turned it off. */
function readSettings(payload: Uint8Array): Meaning {
  const { NETCONFA_IFINDEX, NETCONFA_FORWARDING } = netconfMessage.read(payload, {});
  return NETCONFA_IFINDEX === NETCONFA_IFINDEX_ALL && NETCONFA_FORWARDING === 0 ? "look" : "nothing";
}

/** Addresses tell of themselves; of their routes in table local nobody needs to know. */
function readRoute(payload: Uint8Array, { kernel, nodeAddresses }: Interest, isThere: boolean): Meaning {
  const message = routeMessage.read(payload, {});
  const entry = toRouteEntry(message);
  if (entry !== undefined) return kernel.note(entry.key, isThere ? entry : undefined) ? "repair" : "nothing";
  const { rtm_dst_len: prefixLength = 0, rtm_table, rtm_protocol, rtm_family } = message;
  if (rtm_table === RT_TABLE_LOCAL || rtm_protocol === RTPROT_PODWIRE) return "nothing";
  const family = rtm_family === AF.INET ? 4 : 6;
  const dst = { address: message.RTA_DST ?? { family, value: 0n }, prefixLength } as const;
  return nodeAddresses.some((address) => prefixContains(dst, address)) ? "look" : "nothing";
}

/** Where `ndm_ifindex` stands in `struct ndmsg`: others' neighbours are passed over without being read. */
const IFINDEX_AT = 4;

function readNeighbour(payload: Uint8Array, { kernel }: Interest, isThere: boolean): Meaning {
  if (!kernel.tunnels.includes(i32.readAt(payload, IFINDEX_AT))) return "nothing";
  const message = neighbourMessage.read(payload, {});
  const key = neighbourKey(message);
  // One that somebody deletes is told as one that has failed, before it goes.
  const entry = isThere ? toNeighbourEntry(message) : undefined;
  return key !== undefined && kernel.note(key, entry) ? "repair" : "nothing";
}
