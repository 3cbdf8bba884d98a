/** Guaranteed and largest rates of pods that share an interface of the node: a class for each MAC address. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { NetlinkError } from "../netlink/error.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import {
  type ClassRates,
  createHtbRequest,
  getClassRequest,
  SMALLEST_MBPS,
  setClassRequest,
  toClassRates,
} from "./htb.ts";
import { addFilterRequest, classAt, createTableRequests, slotsOf } from "./mac-filter.ts";
import { findRoot, findSlot, LINK, OTHERS, PODS, qdiscOf, type Root, removeSlots } from "./uplink-qdisc.ts";

export interface UplinkRates {
  /** ifindex of the interface that the pod's frames leave by. */
  readonly ifindex: number;
  /** The source address of the pod's frames. */
  readonly mac: string;
  /** Guaranteed, also while others want more than there is. */
  readonly minMbps: number;
  /** Absent: all that the link has to spare. */
  readonly maxMbps?: number | undefined;
  /** Of the link; absent where unknown. */
  readonly speedMbps?: number | undefined;
}

const UNKNOWN_SPEED_MBPS = 100_000;

/** The interface has a foreign qdisc at its root. */
export class ForeignQdisc extends PodwireError {
  override readonly name = "ForeignQdisc";
  constructor(ifindex: number, { kind, handle }: Root) {
    const name = `${kind} ${(handle >>> 16).toString(16)}:`;
    super(`interface ${ifindex}: its root qdisc "${name}" is foreign and is not replaced`, {
      code: CNI_ERROR.alreadyExists,
      advice: "remove that qdisc (tc qdisc del dev UPLINK root), or ask for tier best-effort",
    });
  }
}

/** Too many pods have MAC addresses that are alike. */
export class NoFreeClassId extends PodwireError {
  override readonly name = "NoFreeClassId";
  constructor({ ifindex, mac }: UplinkRates) {
    super(`interface ${ifindex}: no class id is free for ${mac}`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "another MAC address has one: try again, or ask for tier best-effort",
    });
  }
}

/** The rates of a pod's class, in Mbit/s. */
export function classRatesOf({ minMbps, maxMbps, speedMbps = UNKNOWN_SPEED_MBPS }: UplinkRates): ClassRates {
  const rateMbps = Math.min(Math.max(minMbps, SMALLEST_MBPS), speedMbps);
  return { rateMbps, ceilMbps: Math.max(Math.min(maxMbps ?? speedMbps, speedMbps), rateMbps) };
}

/**
 * Gives a pod its rates on an interface, or new ones; all that has no class shares what is left.
 *
 *     7077:  htb, of the interface
 *     7077:1 the link's speed
 *     7077:2 pods, which ends with the last of them; each has a class in it
 *     7077:3 everything else
 *
 * The caller holds the lock of the uplink.
 * @throws {ForeignQdisc} {@link NoFreeClassId} {@link NetlinkError} ENOENT: this kernel has no htb or u32
 */
export function ensureUplinkClass(socket: RouteSocket, options: UplinkRates): void {
  const { ifindex, mac, speedMbps = UNKNOWN_SPEED_MBPS } = options;
  const qdisc = qdiscOf(ifindex);
  const root = findRoot(socket, ifindex);
  if (root?.isOurs === false) throw new ForeignQdisc(ifindex, root);
  const isNew = root === undefined;
  const { own, free } = isNew ? { own: undefined, free: slotsOf(mac)[0] } : findSlot(socket, qdisc, mac);
  const slot = own ?? free;
  if (slot === undefined) throw new NoFreeClassId(options);
  const spare = { rateMbps: SMALLEST_MBPS, ceilMbps: speedMbps };
  const pod = { classid: classAt(qdisc, slot), parent: PODS, ...classRatesOf(options) };
  // In one go, so that no kill leaves a part of it.
  const outcomes = socket.exchange([
    ...(isNew ? [createHtbRequest(qdisc, OTHERS), ...createTableRequests(qdisc)] : []),
    setClassRequest(ifindex, {
      classid: LINK,
      parent: qdisc.handle,
      rateMbps: speedMbps,
      ceilMbps: speedMbps,
    }),
    setClassRequest(ifindex, { classid: PODS, parent: LINK, ...spare }),
    setClassRequest(ifindex, { classid: OTHERS, parent: LINK, ...spare }),
    setClassRequest(ifindex, pod),
    ...(own === undefined ? [addFilterRequest(qdisc, slot, mac)] : []),
  ]);
  const refusal = outcomes.find((outcome) => outcome.refusal !== undefined)?.refusal;
  if (refusal === undefined) return;
  if (own === undefined) removeSlots(socket, qdisc, [slot]);
  throw new NetlinkError(refusal);
}

/** Removes a pod's class, and the qdisc with the last one; false where the pod has none. */
export function removeUplinkClass(socket: RouteSocket, ifindex: number, mac: string): boolean {
  const qdisc = qdiscOf(ifindex);
  const { own } = findSlot(socket, qdisc, mac);
  removeSlots(socket, qdisc, own === undefined ? [] : [own]);
  return own !== undefined;
}

/** The rates that the kernel gives a pod; undefined where it has no class. */
export function findUplinkClass(socket: RouteSocket, ifindex: number, mac: string): ClassRates | undefined {
  const qdisc = qdiscOf(ifindex);
  const { own } = findSlot(socket, qdisc, mac);
  if (own === undefined) return undefined;
  const [outcome] = socket.exchange([getClassRequest(ifindex, classAt(qdisc, own))]);
  const [found] = socket.decode(outcome?.replies ?? [], "RTM_NEWTCLASS");
  return found === undefined ? undefined : toClassRates(found);
}
