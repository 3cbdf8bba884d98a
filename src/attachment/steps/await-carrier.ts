/** Waiting for an interface to have a wire: drivers find it some time after it is set up. */

import { isOperational } from "../../link/carrier.ts";
import { getLinkByIndex } from "../../link/link.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import { type RouteSocket, RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";

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
  const isReady = () => isOperational(getLinkByIndex(socket, ifindex));
  if (isReady()) return true;
  using events = NetlinkSocket.open(rtnetlink, where);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + timeoutMs;
  while (!isReady()) {
    if (!events.waitForEvent(Math.max(0, deadline - performance.now()))) return false;
  }
  return true;
}
