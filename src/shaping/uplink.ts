/** Guaranteed and largest rates of pods that share an interface of the node: a class for each hardware address. */

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
import { addFilterRequest, classAt, createTableRequests, placesOf } from "./mac-filter.ts";
import { findPlace, findRoot, LINK, OTHERS, PODS, queueOf, type Root, removePlaces } from "./uplink-queue.ts";

export interface UplinkRates {
  /** ifindex of the interface that the pod's frames leave by. */
  readonly ifindex: number;
  /** The source address of the pod's frames. */
  readonly mac: string;
  /** Guaranteed, also while others want more than there is. */
  readonly minMbps: number;
  /** Absent: all that the link has to spare. */
  readonly maxMbps?: number | undefined;
  /** Of the link; absent where nobody knows it. */
  readonly speedMbps?: number | undefined;
}

const UNKNOWN_SPEED_MBPS = 100_000;

/** The interface has a queue at its root that somebody else chose. */
export class ForeignQueue extends PodwireError {
  override readonly name = "ForeignQueue";
  constructor(ifindex: number, { kind, handle }: Root) {
    const name = `${kind} ${(handle >>> 16).toString(16)}:`;
    super(`interface ${ifindex}: somebody chose its queue "${name}", which is not ours to replace`, {
      code: CNI_ERROR.alreadyExists,
      advice: "remove that queue (tc qdisc del dev UPLINK root), or ask for tier best-effort",
    });
  }
}

/** Too many pods have hardware addresses that are alike. */
export class NoPlace extends PodwireError {
  override readonly name = "NoPlace";
  constructor({ ifindex, mac }: UplinkRates) {
    super(`interface ${ifindex}: no place for a class of ${mac} is left`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "another hardware address has a place: try again, or ask for tier best-effort",
    });
  }
}

/** The rates that a pod's class has for these wishes, in Mbit/s. */
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
 * The caller sees to it that nobody else changes the interface's queue meanwhile.
 * @throws {ForeignQueue} {@link NoPlace} {@link NetlinkError} ENOENT: this kernel has no htb or u32
 */
export function ensureUplinkClass(socket: RouteSocket, options: UplinkRates): void {
  const { ifindex, mac, speedMbps = UNKNOWN_SPEED_MBPS } = options;
  const queue = queueOf(ifindex);
  const root = findRoot(socket, ifindex);
  if (root?.isOurs === false) throw new ForeignQueue(ifindex, root);
  const isNew = root === undefined;
  const { own, free } = isNew ? { own: undefined, free: placesOf(mac)[0] } : findPlace(socket, queue, mac);
  const place = own ?? free;
  if (place === undefined) throw new NoPlace(options);
  const spare = { rateMbps: SMALLEST_MBPS, ceilMbps: speedMbps };
  const pod = { classid: classAt(queue, place), parent: PODS, ...classRatesOf(options) };
  // In one go, so that no kill leaves a part of it.
  const outcomes = socket.exchange([
    ...(isNew ? [createHtbRequest(queue, OTHERS), ...createTableRequests(queue)] : []),
    setClassRequest(ifindex, {
      classid: LINK,
      parent: queue.qdisc,
      rateMbps: speedMbps,
      ceilMbps: speedMbps,
    }),
    setClassRequest(ifindex, { classid: PODS, parent: LINK, ...spare }),
    setClassRequest(ifindex, { classid: OTHERS, parent: LINK, ...spare }),
    setClassRequest(ifindex, pod),
    ...(own === undefined ? [addFilterRequest(queue, place, mac)] : []),
  ]);
  const refusal = outcomes.find((outcome) => outcome.refusal !== undefined)?.refusal;
  if (refusal === undefined) return;
  if (own === undefined) removePlaces(socket, queue, [place]);
  throw new NetlinkError(refusal);
}

/** Takes a pod's class away, and the queue with the last one; false where the pod has none. */
export function removeUplinkClass(socket: RouteSocket, ifindex: number, mac: string): boolean {
  const queue = queueOf(ifindex);
  const { own } = findPlace(socket, queue, mac);
  removePlaces(socket, queue, own === undefined ? [] : [own]);
  return own !== undefined;
}

/** The rates that the kernel gives a pod; undefined where it has no class. */
export function findUplinkClass(socket: RouteSocket, ifindex: number, mac: string): ClassRates | undefined {
  const queue = queueOf(ifindex);
  const { own } = findPlace(socket, queue, mac);
  if (own === undefined) return undefined;
  const [outcome] = socket.exchange([getClassRequest(ifindex, classAt(queue, own))]);
  const [found] = socket.decode(outcome?.replies ?? [], "RTM_NEWTCLASS");
  return found === undefined ? undefined : toClassRates(found);
}
