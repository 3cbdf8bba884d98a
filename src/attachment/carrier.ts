/** Waiting for an interface to have a wire: drivers find it some time after it is set up. */

import { getLinkByIndex } from "../link/link.ts";
import type { NetnsHandle } from "../linux/netns.ts";
import { IF_OPER } from "../netlink/route/link.ts";
import { type RouteSocket, RTNLGRP, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";

interface Waiting {
  /** Where the interface is; absent: on the host. */
  readonly netns?: NetnsHandle;
  readonly timeoutMs: number;
}

/** False where there is none in time. `socket` is in the interface's namespace. */
export function awaitCarrier(
  socket: RouteSocket,
  ifindex: number,
  { timeoutMs, ...where }: Waiting,
): boolean {
  if (hasCarrier(socket, ifindex)) return true;
  using events = NetlinkSocket.open(rtnetlink, where);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + timeoutMs;
  while (!hasCarrier(socket, ifindex)) {
    if (!events.waitForEvent(Math.max(0, deadline - performance.now()))) return false;
  }
  return true;
}

/** Drivers that do not tell have it. */
function hasCarrier(socket: RouteSocket, ifindex: number): boolean {
  const { operstate } = getLinkByIndex(socket, ifindex);
  return operstate === IF_OPER.UP || operstate === IF_OPER.UNKNOWN;
}
