/** The root qdisc of an uplink: its classes, and the filter and class of each pod. */

import { ignoringErrno } from "../linux/error.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError, type Refusal } from "../netlink/error.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { TC_H } from "../netlink/route/traffic-control.ts";
import { deleteClassRequest } from "./htb.ts";
import {
  classAt,
  deleteFilterRequest,
  getFilterRequest,
  type Qdisc,
  type Slot,
  slotsOf,
  toMacFilter,
} from "./mac-filter.ts";

const QDISC = 0x7077_0000; // 7077:, "pw"
/** The classes below it: all that leaves, what of it is the pods', and the rest. */
export const LINK = QDISC + 1;
export const PODS = QDISC + 2;
export const OTHERS = QDISC + 3;

export function qdiscOf(ifindex: number): Qdisc {
  return { ifindex, handle: QDISC };
}

/** The qdisc at the root of an interface. */
export interface Root {
  readonly kind: string;
  readonly handle: number;
  readonly isOurs: boolean;
}

/** The root qdisc of an interface; undefined where it has the kernel's default. */
export function findRoot(socket: RouteSocket, ifindex: number): Root | undefined {
  const body = { tcm_ifindex: ifindex, tcm_parent: TC_H.ROOT };
  // Without NLM_F_ECHO the kernel tells only those who listen to the group.
  const request = { message: "RTM_GETQDISC", flags: NLM_F.ECHO, body } as const;
  const [found] = ignoringErrno(() => socket.get(request, "RTM_NEWQDISC"), [], ...MISSING);
  const { TCA_KIND: kind = "", tcm_handle: handle = 0 } = found ?? {};
  if (handle === 0) return undefined; // the default has none
  return { kind, handle, isOurs: kind === "htb" && handle === QDISC };
}

/** Where the filter of an address is, or the first slot that a new one may have. */
export function findSlot(
  socket: RouteSocket,
  qdisc: Qdisc,
  mac: string,
): { readonly own: Slot | undefined; readonly free: Slot | undefined } {
  let free: Slot | undefined;
  const slots = slotsOf(mac);
  const outcomes = socket.exchange(slots.map((slot) => getFilterRequest(qdisc, slot)));
  for (const [index, { replies, refusal }] of outcomes.entries()) {
    if (refusal !== undefined && !isMissing(refusal)) throw new NetlinkError(refusal);
    const [found] = socket.decode(replies, "RTM_NEWTFILTER");
    if (found === undefined) free ??= slots[index];
    else if (toMacFilter(found)?.mac === mac) return { own: slots[index], free };
  }
  return { own: undefined, free };
}

/**
 * Takes filters and classes away, then the class of all pods, which the kernel refuses while there is another pod, and
 * where it does not, the qdisc.
 */
export function removeSlots(socket: RouteSocket, qdisc: Qdisc, slots: readonly Slot[]): void {
  const { ifindex, handle } = qdisc;
  const outcomes = socket.exchange([
    ...slots.flatMap((slot) => [
      deleteFilterRequest(qdisc, slot),
      deleteClassRequest(ifindex, classAt(qdisc, slot)),
    ]),
    deleteClassRequest(ifindex, PODS),
  ]);
  const refusals = outcomes.map(({ refusal }) => refusal);
  const last = refusals.pop();
  const first = refusals.find((refusal) => refusal !== undefined && !isMissing(refusal));
  if (first !== undefined) throw new NetlinkError(first);
  if (last?.errno === "EBUSY") return;
  const body = { tcm_ifindex: ifindex, tcm_handle: handle, tcm_parent: TC_H.ROOT, TCA_KIND: "htb" };
  ignoringErrno(() => socket.request({ message: "RTM_DELQDISC", body }), undefined, ...MISSING);
}

/** What the kernel says where there is no such interface, qdisc (EINVAL), class or filter, or a qdisc that has none. */
const MISSING = ["ENODEV", "EINVAL", "ENOENT", "EOPNOTSUPP"] as const;

function isMissing(refusal: Refusal): boolean {
  return MISSING.some((errno) => errno === refusal.errno);
}
