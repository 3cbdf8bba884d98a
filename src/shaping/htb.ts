/** A hierarchical token bucket and its classes: each has a rate of its own and may borrow up to its ceiling. */

import { NLM_F } from "../netlink/codec/message.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import type { RouteRequest } from "../netlink/route/protocol.ts";
import {
  LARGEST_RATE,
  TC_H,
  TC_HTB_PROTOVER,
  TC_LINKLAYER_ETHERNET,
  TICK_NS,
  type trafficControlMessage,
} from "../netlink/route/traffic-control.ts";
import type { Qdisc } from "./mac-filter.ts";
import { bucketOf } from "./rate.ts";

/** In Mbit/s. */
export interface ClassRates {
  /** Guaranteed, at least {@link SMALLEST_MBPS}. */
  readonly rateMbps: number;
  /** Where there is something to spare. */
  readonly ceilMbps: number;
}

export interface HtbClass extends ClassRates {
  /** 7077:2 is 0x7077_0002. */
  readonly classid: number;
  /** The class that it borrows from, or the qdisc. */
  readonly parent: number;
}

/** The kernel knows no class without a rate. */
export const SMALLEST_MBPS = 1;

const RATE_TO_QUANTUM = 10; // what tc(8) gives; each class has a quantum of its own
const MBIT = 1_000_000;
/** Bytes that a class sends in its turn of what is to spare: by its rate, a packet at least. */
const QUANTUM = { smallest: 1514, largest: 200_000, share: 1 / 1000 } as const;

/** Like `tc qdisc add dev IFINDEX root handle QDISC: htb default CLASSID`; the class is that of all that no filter finds. */
export function createHtbRequest({ ifindex, handle }: Qdisc, classid: number): RouteRequest {
  return {
    message: "RTM_NEWQDISC",
    flags: NLM_F.CREATE | NLM_F.EXCL,
    body: {
      tcm_ifindex: ifindex,
      tcm_handle: handle,
      tcm_parent: TC_H.ROOT,
      TCA_KIND: "htb",
      TCA_OPTIONS: {
        TCA_HTB_INIT: { version: TC_HTB_PROTOVER, rate2quantum: RATE_TO_QUANTUM, defcls: classid - handle },
      },
    },
  };
}

/** Makes a class, or gives one its rates; like `tc class replace dev IFINDEX parent PARENT classid CLASSID htb rate RATE ceil CEIL burst BURST cburst CBURST quantum QUANTUM`. */
export function setClassRequest(ifindex: number, { classid, parent, ...rates }: HtbClass): RouteRequest {
  const rate = bucketOf({ rate: rates.rateMbps * MBIT });
  const ceil = bucketOf({ rate: rates.ceilMbps * MBIT });
  const parameters = {
    "rate.linklayer": TC_LINKLAYER_ETHERNET,
    "rate.rate": Math.min(rate.rate, LARGEST_RATE),
    "ceil.linklayer": TC_LINKLAYER_ETHERNET,
    "ceil.rate": Math.min(ceil.rate, LARGEST_RATE),
    buffer: ticksOf(rate),
    cbuffer: ticksOf(ceil),
    quantum: quantumOf(rate.rate),
  };
  return {
    message: "RTM_NEWTCLASS",
    flags: NLM_F.CREATE,
    body: {
      tcm_ifindex: ifindex,
      tcm_handle: classid,
      tcm_parent: parent,
      TCA_KIND: "htb",
      TCA_OPTIONS: {
        TCA_HTB_PARMS: parameters,
        ...(rate.rate > LARGEST_RATE ? { TCA_HTB_RATE64: rate.rate } : {}),
        ...(ceil.rate > LARGEST_RATE ? { TCA_HTB_CEIL64: ceil.rate } : {}),
      },
    },
  };
}

/** Like `tc class show dev IFINDEX classid CLASSID`. */
export function getClassRequest(ifindex: number, classid: number): RouteRequest {
  // Without NLM_F_ECHO the kernel tells only those who listen to the group.
  const body = { tcm_ifindex: ifindex, tcm_handle: classid };
  return { message: "RTM_GETTCLASS", flags: NLM_F.ECHO, body };
}

/** Like `tc class delete dev IFINDEX classid CLASSID`. Errors of the request: EBUSY, others borrow from it. */
export function deleteClassRequest(ifindex: number, classid: number): RouteRequest {
  return { message: "RTM_DELTCLASS", body: { tcm_ifindex: ifindex, tcm_handle: classid } };
}

/** The rates of a class; undefined for what is none. */
export function toClassRates(message: ValueOf<typeof trafficControlMessage>): ClassRates | undefined {
  const { TCA_HTB_PARMS: parameters, TCA_HTB_RATE64, TCA_HTB_CEIL64 } = message.TCA_OPTIONS ?? {};
  if (parameters === undefined) return undefined;
  const { "rate.rate": rate = 0, "ceil.rate": ceil = 0 } = parameters;
  return { rateMbps: toMbps(TCA_HTB_RATE64 ?? rate), ceilMbps: toMbps(TCA_HTB_CEIL64 ?? ceil) };
}

function toMbps(bytes: number): number {
  return (bytes * 8) / MBIT;
}

/** How long a burst takes at its rate. */
function ticksOf({ rate, burst }: { readonly rate: number; readonly burst: number }): number {
  return Math.ceil((burst * 1e9) / rate / TICK_NS);
}

function quantumOf(rate: number): number {
  const share = Math.round(rate * QUANTUM.share);
  return Math.min(Math.max(share, QUANTUM.smallest), QUANTUM.largest);
}
