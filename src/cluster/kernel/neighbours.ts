/** The other ends of tunnels: whose MAC address a gateway has, and to which node frames for it go. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { NLM_F } from "../../netlink/codec/message.ts";
import type { ValueOf } from "../../netlink/codec/type.ts";
import { NTF_SELF, NUD, type neighbourMessage } from "../../netlink/route/neighbour.ts";
import { AF, addressFamily, type RouteRequest } from "../../netlink/route/protocol.ts";
import type { TunnelPeer } from "../model/desired.ts";
import { type Entry, RANK } from "./entry.ts";

type NeighbourMessage = ValueOf<typeof neighbourMessage>;

/** What one peer needs at the tunnel with that ifindex. */
export function tunnelPeerEntries({ mac, node, gateways }: TunnelPeer, ifindex: number): Entry[] {
  return [fdbEntry(ifindex, mac, node), ...gateways.map((gateway) => neighbourEntry(ifindex, gateway, mac))];
}

/** Like `bridge fdb replace MAC dev IFINDEX dst NODE self permanent`. */
function fdbEntry(ndm_ifindex: number, mac: string, node: Address): Entry {
  const place = { ndm_family: AF.BRIDGE, ndm_ifindex, ndm_state: NUD.PERMANENT, ndm_flags: NTF_SELF };
  const body = { ...place, NDA_LLADDR: mac, NDA_DST: node };
  return {
    key: fdbKey(ndm_ifindex, mac),
    value: formatAddress(node),
    add: { message: "RTM_NEWNEIGH", flags: NLM_F.CREATE | NLM_F.REPLACE, body },
    remove: { message: "RTM_DELNEIGH", body: { ...place, NDA_LLADDR: mac } },
    rank: RANK.FDB,
  };
}

/** Like `ip neighbour replace GATEWAY lladdr MAC dev IFINDEX nud permanent`. */
function neighbourEntry(ndm_ifindex: number, gateway: Address, mac: string): Entry {
  const place = { ndm_family: addressFamily(gateway.family), ndm_ifindex, NDA_DST: gateway };
  const body = { ...place, ndm_state: NUD.PERMANENT, NDA_LLADDR: mac };
  return {
    key: gatewayKey(ndm_ifindex, gateway),
    value: mac,
    add: { message: "RTM_NEWNEIGH", flags: NLM_F.CREATE | NLM_F.REPLACE, body },
    remove: { message: "RTM_DELNEIGH", body: place },
    rank: RANK.NEIGHBOUR,
  };
}

/** Of what the kernel shows of a tunnel; undefined for what it has learned itself. */
export function toNeighbourEntry(message: NeighbourMessage): Entry | undefined {
  const { ndm_family, ndm_ifindex = 0, ndm_state = 0, NDA_LLADDR: mac, NDA_DST: dst } = message;
  if ((ndm_state & NUD.PERMANENT) === 0 || mac === undefined || dst === undefined) return undefined;
  return ndm_family === AF.BRIDGE ? fdbEntry(ndm_ifindex, mac, dst) : neighbourEntry(ndm_ifindex, dst, mac);
}

/** The key of what a message is about, whatever has become of it; undefined where it names nothing. */
export function neighbourKey({ ndm_family, ndm_ifindex, NDA_LLADDR, NDA_DST }: NeighbourMessage) {
  if (ndm_family === AF.BRIDGE) return NDA_LLADDR && fdbKey(ndm_ifindex, NDA_LLADDR);
  return NDA_DST && gatewayKey(ndm_ifindex, NDA_DST);
}

function fdbKey(ifindex = 0, mac: string): string {
  return `fdb ${ifindex} ${mac}`;
}

function gatewayKey(ifindex = 0, gateway: Address): string {
  return `neighbour ${ifindex} ${formatAddress(gateway)}`;
}

/** All of an interface; for dumps. */
export function listNeighboursRequests(ifindex: number): RouteRequest[] {
  const byFamily = [AF.INET, AF.INET6].map((ndm_family) => ({ ndm_family, NDA_IFINDEX: ifindex }));
  const bodies = [...byFamily, { ndm_family: AF.BRIDGE, ndm_ifindex: ifindex }];
  return bodies.map((body) => ({ message: "RTM_GETNEIGH", body }));
}
