/** The interface of a virtual function: what is kept of it, and its MAC, which driver and card have to agree about. */

import { getLinkByIndex, type Link, UP } from "../../../link/link.ts";
import { isErrno } from "../../../linux/error.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { RESET } from "../../../sriov/vf-settings.ts";
import { type OriginalNetdev, parseVfAlias } from "../../attachment.ts";
import type { RecordedVf } from "../../record/record.ts";

/** What is to be put back of an interface; one that lies there with a pod's mark tells what it was before. */
export function originalNetdev({ ifname, ifalias, mac, mtu, txQueueLength }: Link): OriginalNetdev {
  return { ifname, mac, mtu, txQueueLength, ...parseVfAlias(ifalias) };
}

/** Gives an interface the MTU and queue length that it had. */
export function restoreSizes(host: RouteSocket, link: Link, { mtu, txQueueLength }: OriginalNetdev): void {
  if (link.mtu === mtu && link.txQueueLength === txQueueLength) return;
  const sizes = { IFLA_MTU: mtu, IFLA_TXQLEN: txQueueLength };
  host.request({ message: "RTM_SETLINK", body: { ifi_index: link.ifindex, ...sizes } });
}

/** The MAC that the card held for the function, which its driver takes when it is set up; undefined: the function's own. */
export function givenMac({ original: { mac } }: RecordedVf): string | undefined {
  return mac === RESET.mac ? undefined : mac;
}

/**
 * Gives an interface that is down its MAC, and lets its driver tell the card; like `ip link set dev IFNAME address MAC`.
 *
 * Drivers whose card was given a MAC by the administrator may refuse every one, that one too, and take it from the card
 * when they are set down (igbvf_reset in drivers/net/ethernet/intel/igbvf/netdev.c).
 * `given`: what the driver may take in its place.
 * @throws {NetlinkError} the interface has another MAC still
 */
export function setVfMac(socket: RouteSocket, ifi_index: number, mac: string, given = mac): void {
  try {
    socket.request({ message: "RTM_SETLINK", body: { ifi_index, IFLA_ADDRESS: mac } });
  } catch (error) {
    if (!isErrno(error, "EADDRNOTAVAIL", "EACCES", "EPERM")) throw error;
    socket.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index } });
    socket.request({ message: "RTM_SETLINK", body: { ifi_index, ifi_flags: 0, ifi_change: UP.ifi_change } });
    if (![mac, given].includes(getLinkByIndex(socket, ifi_index).mac)) throw error;
  }
}
