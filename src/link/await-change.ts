/** Waiting for the kernel to change something, told by its own announcements. */

import type { NetnsHandle } from "../linux/netns.ts";
import { RTNLGRP, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";

interface Waiting {
  /** Where the change happens; absent: on the host. */
  readonly netns?: NetnsHandle;
  readonly timeoutMs: number;
}

/** False where it does not become true in time. `isTrue` is asked again whenever an interface has changed. */
export function awaitLinkChange(isTrue: () => boolean, { timeoutMs, ...where }: Waiting): boolean {
  if (isTrue()) return true;
  using events = NetlinkSocket.open(rtnetlink, where);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + timeoutMs;
  while (!isTrue()) {
    if (!events.waitForEvent(Math.max(0, deadline - performance.now()))) return false;
  }
  return true;
}
