/** Removes stale classes of an uplink: those of dead pods that no DEL came for. */

import type { RouteSocket } from "../netlink/route/protocol.ts";
import { classAt, type MacFilter, type Qdisc, type Slot, slotOf, toMacFilter } from "./mac-filter.ts";
import { PODS, qdiscOf, removeSlots } from "./uplink-qdisc.ts";

/**
 * Removes filters and classes of MAC addresses that no pod has, classes without a filter, and the qdisc where none
 * is left; the others stay as they are.
 *
 * Reads all of them: not for the way of a single pod.
 * @param isLive whether a pod has this MAC address
 * @returns how many classes went
 */
export function sweepUplink(socket: RouteSocket, ifindex: number, isLive: (mac: string) => boolean): number {
  const qdisc = qdiscOf(ifindex);
  const live = new Set<number>();
  const gone = new Map<number, Slot>();
  for (const { mac, slot } of listFilters(socket, qdisc)) {
    if (isLive(mac)) live.add(classAt(qdisc, slot));
    else gone.set(classAt(qdisc, slot), slot);
  }
  for (const classid of listPods(socket, ifindex)) {
    if (!live.has(classid)) gone.set(classid, slotOf(classid));
  }
  removeSlots(socket, qdisc, [...gone.values()]);
  return gone.size;
}

function listFilters(socket: RouteSocket, { ifindex, handle }: Qdisc): MacFilter[] {
  const body = { tcm_ifindex: ifindex, tcm_parent: handle };
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
