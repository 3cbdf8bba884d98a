/** Interfaces of an attachment that live in the container's namespace alone. */

import { deleteLink, getLink, type Link, type RouteSocket } from "../link/link.ts";
import { isErrno } from "../linux/error.ts";
import { NetnsHandle } from "../linux/netns.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { Removal } from "./step.ts";

/** Removes the interface there if `isOurs` says so; nothing to do where the namespace is gone. */
export function deleteInContainer(
  removal: Removal,
  isOurs: (link: Link, container: RouteSocket) => boolean,
): void {
  using container = openContainerIfAny(removal);
  if (container === undefined) return;
  const link = getLink(container, removal.attachment.ifname);
  if (link !== undefined && isOurs(link, container)) deleteLink(container, link.ifindex);
}

/** Undefined where the path is gone, or a plain file is left of the namespace that was mounted on it. */
export function openContainerIfAny({ netns: path, trace }: Removal): RouteSocket | undefined {
  if (path === "") return undefined;
  try {
    using netns = NetnsHandle.open(path);
    return netns.isOwn() ? undefined : NetlinkSocket.open(rtnetlink, { netns, trace });
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EINVAL", "EACCES", "ENXIO")) return undefined;
    throw error;
  }
}
