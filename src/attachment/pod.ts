/** The pod's side of a call: its network namespace, and a socket that was made inside. */

import type { Request } from "../cni/request.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { NetnsHandle } from "../linux/netns.ts";
import type { Trace } from "../netlink/debug.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";

export interface Pod {
  readonly netns: NetnsHandle;
  readonly container: RouteSocket;
  [Symbol.dispose](): void;
}

/** @throws {CniError} 8: nothing there, no namespace, or the plugin's own */
export function openPod(
  { netns: path, mayUseOwnNetns }: Pick<Request, "netns" | "mayUseOwnNetns">,
  trace: Trace | undefined,
): Pod {
  const { netns, container } = enter(path, trace);
  if (netns.isOwn() && !mayUseOwnNetns) {
    const problem = `CNI_NETNS: "${path}" is the network namespace that the plugin itself runs in`;
    throw new CniError(
      CNI_ERROR.invalidNetns,
      problem,
      "want the container's; CNI_NETNS_OVERRIDE=1 allows it all the same",
    );
  }
  return {
    netns,
    container,
    [Symbol.dispose]() {
      container.close();
      netns[Symbol.dispose]();
    },
  };
}

function enter(path: string, trace: Trace | undefined): { netns: NetnsHandle; container: RouteSocket } {
  try {
    const netns = NetnsHandle.open(path);
    return { netns, container: NetlinkSocket.open(rtnetlink, { netns, trace }) };
  } catch (cause) {
    const problem = `CNI_NETNS: "${path}" cannot be entered as a network namespace: ${String(cause)}`;
    throw new CniError(CNI_ERROR.invalidNetns, problem, "want the path of a network namespace", { cause });
  }
}
