/** The queue that podwire puts on an uplink, and what is in it for which pod. */

import { unlessErrno } from "../linux/file.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError, type Refusal } from "../netlink/error.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { TC_H } from "../netlink/route/traffic-control.ts";
import { deleteClassRequest } from "./htb.ts";
import {
  classAt,
  deleteFilterRequest,
  getFilterRequest,
  type Place,
  placesOf,
  type Queue,
  toMacFilter,
} from "./mac-filter.ts";

const QDISC = 0x7077_0000; // 7077:, "pw"
/** The classes below it: all that leaves, what of it is the pods', and the rest. */
export const LINK = QDISC + 1;
export const PODS = QDISC + 2;
export const OTHERS = QDISC + 3;

export function queueOf(ifindex: number): Queue {
  return { ifindex, qdisc: QDISC };
}

/** A queue that somebody chose for an interface. */
export interface Root {
  readonly kind: string;
  readonly handle: number;
  readonly isOurs: boolean;
}

/** The queue at an interface's root; undefined where nobody chose one. */
export function findRoot(socket: RouteSocket, ifindex: number): Root | undefined {
  const body = { tcm_ifindex: ifindex, tcm_parent: TC_H.ROOT };
  // Without NLM_F_ECHO the kernel tells only those who listen to the group.
  const request = { message: "RTM_GETQDISC", flags: NLM_F.ECHO, body } as const;
  const [found] = unlessErrno(() => socket.get(request, "RTM_NEWQDISC"), [], ...MISSING);
  const { TCA_KIND: kind = "", tcm_handle: handle = 0 } = found ?? {};
  if (handle === 0) return undefined; // the kernel's choice has none
  return { kind, handle, isOurs: kind === "htb" && handle === QDISC };
}

/** Where the filter of an address is, or the first place that a new one may have. */
export function findPlace(
  socket: RouteSocket,
  queue: Queue,
  mac: string,
): { readonly own: Place | undefined; readonly free: Place | undefined } {
  let free: Place | undefined;
  const places = placesOf(mac);
  const outcomes = socket.exchange(places.map((place) => getFilterRequest(queue, place)));
  for (const [index, { replies, refusal }] of outcomes.entries()) {
    if (refusal !== undefined && !isMissing(refusal)) throw new NetlinkError(refusal);
    const [found] = socket.decode(replies, "RTM_NEWTFILTER");
    if (found === undefined) free ??= places[index];
    else if (toMacFilter(found)?.mac === mac) return { own: places[index], free };
  }
  return { own: undefined, free };
}

/**
 * Takes filters and classes away, then the class of all pods, which the kernel refuses while there is another pod, and
 * where it does not, the queue.
 */
export function removePlaces(socket: RouteSocket, queue: Queue, places: readonly Place[]): void {
  const { ifindex, qdisc } = queue;
  const outcomes = socket.exchange([
    ...places.flatMap((place) => [
      deleteFilterRequest(queue, place),
      deleteClassRequest(ifindex, classAt(queue, place)),
    ]),
    deleteClassRequest(ifindex, PODS),
  ]);
  const refusals = outcomes.map(({ refusal }) => refusal);
  const last = refusals.pop();
  const first = refusals.find((refusal) => refusal !== undefined && !isMissing(refusal));
  if (first !== undefined) throw new NetlinkError(first);
  if (last?.errno === "EBUSY") return;
  const body = { tcm_ifindex: ifindex, tcm_handle: qdisc, tcm_parent: TC_H.ROOT, TCA_KIND: "htb" };
  unlessErrno(() => socket.request({ message: "RTM_DELQDISC", body }), undefined, ...MISSING);
}

/** What the kernel says where there is no such interface, queue (EINVAL), class or filter, or a queue that has none. */
const MISSING = ["ENODEV", "EINVAL", "ENOENT", "EOPNOTSUPP"] as const;

function isMissing(refusal: Refusal): boolean {
  return MISSING.some((errno) => errno === refusal.errno);
}
