/** Addresses on interfaces. */

import { type Address, addressPlus } from "../addr/address.ts";
import { lastAddressOf, type Prefix } from "../addr/prefix.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { IFA_F } from "../netlink/route/address.ts";
import { AF, addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import { RT_SCOPE_LINK } from "../netlink/route/route.ts";

export interface InterfaceAddress {
  readonly prefix: Prefix;
  /** Holds on this link alone: the kernel gives itself such addresses. */
  readonly isLinkLocal: boolean;
  /** IPv6: not usable yet, duplicate address detection runs. */
  readonly isTentative: boolean;
  /** IPv6: another host has this address. */
  readonly hasFailedDetection: boolean;
}

const SHORTEST_POINT_TO_POINT = 31; // RFC 3021: no broadcast address in a /31 or /32

/**
 * Puts an address on an interface; like `ip address add PREFIX brd + dev IFINDEX [nodad]`.
 *
 * Errors of the request: EEXIST, it is there already.
 */
export function addAddressRequest(ifindex: number, prefix: Prefix, detectDuplicates: boolean): RouteRequest {
  return newAddressRequest(ifindex, prefix, detectionFlag(prefix, detectDuplicates));
}

/** The same without the route to the address's network that the kernel would make; like `… noprefixroute`. */
export function addUnroutedAddressRequest(
  ifindex: number,
  prefix: Prefix,
  detectDuplicates: boolean,
): RouteRequest {
  return newAddressRequest(ifindex, prefix, IFA_F.NOPREFIXROUTE | detectionFlag(prefix, detectDuplicates));
}

function newAddressRequest(ifindex: number, prefix: Prefix, flags: number): RouteRequest {
  const body = { ...toMessage(ifindex, prefix), ...broadcastOf(prefix), IFA_FLAGS: flags };
  return { message: "RTM_NEWADDR", flags: NLM_F.CREATE | NLM_F.EXCL, body };
}

function detectionFlag({ address }: Prefix, detectDuplicates: boolean): number {
  return address.family === 6 && !detectDuplicates ? IFA_F.NODAD : 0;
}

/** Like `ip address delete PREFIX dev IFINDEX`. */
export function deleteAddressRequest(ifindex: number, prefix: Prefix): RouteRequest {
  return { message: "RTM_DELADDR", body: toMessage(ifindex, prefix) };
}

function toMessage(ifindex: number, prefix: Prefix) {
  return {
    ifa_family: addressFamily(prefix.address.family),
    ifa_prefixlen: prefix.prefixLength,
    ifa_index: ifindex,
    IFA_LOCAL: prefix.address,
    IFA_ADDRESS: prefix.address,
  };
}

function broadcastOf(prefix: Prefix): { IFA_BROADCAST?: Address } {
  if (prefix.address.family === 6 || prefix.prefixLength >= SHORTEST_POINT_TO_POINT) return {};
  return { IFA_BROADCAST: lastAddressOf(prefix) };
}

/** Addresses of both families on one interface; like `ip address show dev IFINDEX`. */
export function listAddresses(socket: RouteSocket, ifindex: number): InterfaceAddress[] {
  const body = { ifa_family: AF.UNSPEC, ifa_index: ifindex };
  return socket.dump({ message: "RTM_GETADDR", body }, "RTM_NEWADDR").flatMap((message) => {
    const address = message.IFA_LOCAL ?? message.IFA_ADDRESS;
    if (address === undefined || message.ifa_index !== ifindex) return [];
    const flags = message.IFA_FLAGS ?? message.ifa_flags ?? 0;
    return {
      prefix: { address, prefixLength: message.ifa_prefixlen ?? 0 },
      isLinkLocal: message.ifa_scope === RT_SCOPE_LINK,
      isTentative: (flags & IFA_F.TENTATIVE) !== 0,
      hasFailedDetection: (flags & IFA_F.DADFAILED) !== 0,
    };
  });
}

/** Every address of the namespace, on any interface; like `ip address show`. */
export function listLocalAddresses(socket: RouteSocket): Address[] {
  return listLocalPrefixes(socket).map(({ prefix }) => prefix.address);
}

/** The same with interfaces and prefix lengths. */
export function listLocalPrefixes(socket: RouteSocket): { ifindex: number; prefix: Prefix }[] {
  const body = { ifa_family: AF.UNSPEC };
  return socket.dump({ message: "RTM_GETADDR", body }, "RTM_NEWADDR").flatMap((message) => {
    const address = message.IFA_LOCAL ?? message.IFA_ADDRESS;
    const { ifa_index: ifindex = 0, ifa_prefixlen: prefixLength = 0 } = message;
    return address === undefined ? [] : { ifindex, prefix: { address, prefixLength } };
  });
}

/** The first host address of a network: where a gateway is by convention. */
export function firstHostOf(network: Prefix): Address {
  return addressPlus(network.address, 1n) ?? network.address;
}
