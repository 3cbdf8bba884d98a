/** What the kernel does with a packet to an address: its own answer, rules and tables and all. */

import { ADDRESS_BITS, type Address } from "../addr/address.ts";
import { type Prefix, prefixContains } from "../addr/prefix.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { NetlinkError } from "../netlink/error.ts";
import { addressFamily, type RouteRequest, type RouteSocket } from "../netlink/route/protocol.ts";
import { RTM_F_LOOKUP_TABLE, RTN, type routeMessage } from "../netlink/route/route.ts";

interface RouteQuestion {
  readonly dst: Address;
  /** Sender; wanted together with `iif`. */
  readonly src?: Address | undefined;
  /** ifindex that the packet comes in by; absent: this namespace sends it. */
  readonly iif?: number | undefined;
  /** ifindex that it has to leave by. */
  readonly oif?: number | undefined;
}

export interface FoundRoute {
  /** RTN_*: `RTN.LOCAL` where the packet is at its end. */
  readonly type: number;
  readonly ifindex: number;
  /** Absent where the destination is on the link. */
  readonly gateway?: Address | undefined;
  /** Sender that the kernel chooses; absent where there is none, and for packets that come in. */
  readonly source?: Address | undefined;
  readonly table: number;
  /** Bytes; absent: that of the interface. */
  readonly mtu?: number | undefined;
}

/** Why a packet has no way. */
export interface RouteRefusal {
  /**
   * ENETUNREACH: no route; EHOSTUNREACH: an unreachable route, or for what comes in no forwarding; EACCES: a prohibit
   * route; EINVAL: a blackhole, or for what comes in a sender that cannot be; EXDEV, of late EINVAL: the
   * reverse path filter.
   */
  readonly errno: string;
}

export type RouteAnswer = FoundRoute | RouteRefusal;

export function isRefusal(answer: RouteAnswer): answer is RouteRefusal {
  return "errno" in answer;
}

const REFUSALS = ["ENETUNREACH", "EHOSTUNREACH", "EACCES", "EINVAL", "EXDEV", "ENETDOWN"];

/**
 * Like `ip route get DST [from SRC] [iif IIF] [oif OIF]`.
 * @throws {NetlinkError} ENODEV: no such interface
 */
export function lookUpRoute(socket: RouteSocket, question: RouteQuestion): RouteAnswer {
  const [outcome] = socket.exchange([requestOf(question)]);
  const refusal = outcome?.refusal;
  if (refusal !== undefined && REFUSALS.includes(refusal.errno)) return { errno: refusal.errno };
  if (refusal !== undefined) throw new NetlinkError(refusal);
  const [message] = socket.decode(outcome?.replies ?? [], "RTM_NEWROUTE");
  return message === undefined ? { errno: "ENETUNREACH" } : toFound(message);
}

/** True for an address of this namespace's own, whatever interface or local route has it. */
export function isOwnAddress(socket: RouteSocket, dst: Address): boolean {
  const [outcome] = socket.exchange([requestOf({ dst })]);
  const [message] = socket.decode(outcome?.replies ?? [], "RTM_NEWROUTE");
  return message?.rtm_type === RTN.LOCAL; // a refusal: no way leads there
}

/** All of it: networks and addresses of local routes, which each address of an interface has. */
export function listOwnNetworks(socket: RouteSocket): Prefix[] {
  return ([4, 6] as const).flatMap((family) => {
    const body = { rtm_family: addressFamily(family), rtm_type: RTN.LOCAL };
    return socket
      .dump({ message: "RTM_GETROUTE", body }, "RTM_NEWROUTE")
      .filter(({ rtm_type }) => rtm_type === RTN.LOCAL)
      .map(({ RTA_DST: address = { family, value: 0n }, rtm_dst_len: prefixLength = 0 }) => ({
        address,
        prefixLength,
      }));
  });
}

function requestOf({ dst, src, iif, oif }: RouteQuestion): RouteRequest {
  const bits = ADDRESS_BITS[dst.family];
  const body = {
    rtm_family: addressFamily(dst.family),
    rtm_dst_len: bits,
    rtm_src_len: src === undefined ? 0 : bits,
    rtm_flags: dst.family === 4 ? RTM_F_LOOKUP_TABLE : 0,
    RTA_DST: dst,
    ...(src === undefined ? {} : { RTA_SRC: src }),
    ...(iif === undefined ? {} : { RTA_IIF: iif }),
    ...(oif === undefined ? {} : { RTA_OIF: oif }),
  };
  return { message: "RTM_GETROUTE", body };
}

type RouteMessage = ValueOf<typeof routeMessage>;

function toFound(message: RouteMessage): FoundRoute {
  return {
    type: message.rtm_type ?? RTN.UNICAST,
    ifindex: message.RTA_OIF ?? 0,
    gateway: message.RTA_GATEWAY,
    source: message.RTA_PREFSRC,
    table: message.RTA_TABLE ?? message.rtm_table ?? 0,
    mtu: message.RTA_METRICS?.RTAX_MTU,
  };
}

/** A route that was put there to stop packets. */
export interface StoppingRoute {
  readonly dst: Prefix;
  readonly type: "blackhole" | "unreachable" | "prohibit";
  readonly table: number;
}

const STOPPING = {
  [RTN.BLACKHOLE]: "blackhole",
  [RTN.UNREACHABLE]: "unreachable",
  [RTN.PROHIBIT]: "prohibit",
} as const;

/** The narrowest route of any table that stops packets to the address; undefined where none does. */
export function findStoppingRoute(socket: RouteSocket, address: Address): StoppingRoute | undefined {
  const body = { rtm_family: addressFamily(address.family) };
  const routes = socket.dump({ message: "RTM_GETROUTE", body }, "RTM_NEWROUTE").flatMap(toStopping(address));
  return routes
    .filter(({ dst }) => prefixContains(dst, address))
    .toSorted((a, b) => b.dst.prefixLength - a.dst.prefixLength)[0];
}

function toStopping({ family }: Address): (message: RouteMessage) => StoppingRoute[] {
  return ({ rtm_type = 0, rtm_dst_len: prefixLength = 0, ...message }) => {
    const type = Object.entries(STOPPING).find(([number]) => Number(number) === rtm_type)?.[1];
    const address = message.RTA_DST ?? { family, value: 0n };
    const table = message.RTA_TABLE ?? message.rtm_table ?? 0;
    return type === undefined ? [] : [{ dst: { address, prefixLength }, type, table }];
  };
}
