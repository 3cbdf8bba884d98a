/** The container's namespace as a removal finds it. */

import { isErrno } from "../linux/error.ts";
import { NetnsHandle } from "../linux/netns.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { RemovalContext } from "./steps/step.ts";

/** A socket inside; undefined where the path is gone, or a plain file is left of the namespace that was mounted on it. */
export function openContainerIfAny({
  netns: path,
  trace,
}: Pick<RemovalContext, "netns" | "trace">): RouteSocket | undefined {
  if (path === "") return undefined;
  try {
    using netns = NetnsHandle.open(path);
    return netns.isOwn() ? undefined : NetlinkSocket.open(rtnetlink, { netns, trace });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL", "EACCES", "ENXIO")) return undefined;
    throw error;
  }
}
