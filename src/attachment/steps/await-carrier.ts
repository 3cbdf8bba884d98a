/** Waiting for an interface to have a wire: drivers find it some time after it is set up. */

import { awaitLinkChange } from "../../link/await-change.ts";
import { isOperational } from "../../link/carrier.ts";
import { getLinkByIndex } from "../../link/link.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";

interface Waiting {
  /** Where the interface is; absent: on the host. */
  readonly netns?: NetnsHandle;
  readonly timeoutMs: number;
}

/** False where there is none in time. `socket` is in the interface's namespace. */
export function awaitCarrier(socket: RouteSocket, ifindex: number, waiting: Waiting): boolean {
  return awaitLinkChange(() => isOperational(getLinkByIndex(socket, ifindex)), waiting);
}
