/** Takes classes of an uplink away whose pods are gone: of attachments that nobody deletes any more. */

import type { RouteSocket } from "../netlink/route/protocol.ts";
import { classAt, type MacFilter, type Place, placeOf, type Queue, toMacFilter } from "./mac-filter.ts";
import { PODS, queueOf, removePlaces } from "./uplink-queue.ts";

/**
 * Removes filters and classes of hardware addresses that no pod has, classes without a filter, and the queue where none
 * is left; the others stay as they are.
 *
 * Reads all of them: not for the way of a single pod.
 * @param isLive whether a pod has this hardware address
 * @returns how many classes went
 */
export function sweepUplink(socket: RouteSocket, ifindex: number, isLive: (mac: string) => boolean): number {
  const queue = queueOf(ifindex);
  const live = new Set<number>();
  const gone = new Map<number, Place>();
  for (const { mac, place } of listFilters(socket, queue)) {
    if (isLive(mac)) live.add(classAt(queue, place));
    else gone.set(classAt(queue, place), place);
  }
  for (const classid of listPods(socket, ifindex)) {
    if (!live.has(classid)) gone.set(classid, placeOf(classid));
  }
  removePlaces(socket, queue, [...gone.values()]);
  return gone.size;
}

function listFilters(socket: RouteSocket, { ifindex, qdisc }: Queue): MacFilter[] {
  const body = { tcm_ifindex: ifindex, tcm_parent: qdisc };
  const filters: MacFilter[] = [];
  for (const message of socket.dump({ message: "RTM_GETTFILTER", body }, "RTM_NEWTFILTER")) {
    const filter = toMacFilter(message);
    if (filter !== undefined) filters.push(filter);
  }
  return filters;
}

/** The classes of pods. */
function listPods(socket: RouteSocket, tcm_ifindex: number): number[] {
  const classids: number[] = [];
  for (const found of socket.dump({ message: "RTM_GETTCLASS", body: { tcm_ifindex } }, "RTM_NEWTCLASS")) {
    if (found.tcm_parent === PODS && found.tcm_handle !== undefined) classids.push(found.tcm_handle);
  }
  return classids;
}
