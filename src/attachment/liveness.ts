/** Whether an attachment's pod can still be there: by its network namespace. */

import { exists } from "../linux/file.ts";
import { isNamespace } from "../linux/netns.ts";
import { statFile } from "../linux/stat.ts";
import type { AttachmentRecord } from "./record.ts";

/**
 * True where the network namespace has ended. Where not even its folder is in sight nothing is known: a container may
 * see neither the node's mounts nor its processes.
 */
export function isGone({ netns }: Pick<AttachmentRecord, "netns">): boolean {
  if (isNamespace(netns)) return false;
  return netns.startsWith("/proc/") ? seesAllProcesses() : exists(netns.slice(0, netns.lastIndexOf("/")));
}

const FIRST_PID_NAMESPACE = 0xefff_fffc; // PROC_PID_INIT_INO, linux/proc_ns.h

/** False in most containers: processes may keep namespaces that cannot be seen from here. */
export function seesAllProcesses(): boolean {
  return statFile("/proc/self/ns/pid").identity.endsWith(`:${FIRST_PID_NAMESPACE}`);
}
