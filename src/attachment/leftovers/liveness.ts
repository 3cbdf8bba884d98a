/**
 * Whether an attachment's pod is still there: its path is a network namespace, and what ADD made for the pod is there.
 *
 * The path alone is no proof: the number in `/proc/PID/ns/net` is given to another process, a mount point to another
 * namespace. Nor is the inode of a namespace, which the kernel gives out again at once.
 */

import { getLink, type Link, listLinks } from "../../link/link.ts";
import { hasOtherEnd } from "../../link/veth.ts";
import { exists } from "../../linux/file.ts";
import { isNamespace } from "../../linux/netns.ts";
import { statFile } from "../../linux/stat.ts";
import { type RouteSocket, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { type Attachment, aliasOf } from "../attachment.ts";
import { openContainerIfAny } from "../in-container.ts";
import type { Look } from "../kinds/driver.ts";
import { driverOf } from "../kinds/index.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { isRecordLocked } from "../record/store.ts";

/**
 * True where the pod is gone. Where not even the directory of its namespace is in sight nothing is known, and the pod
 * counts as alive: a container may see neither the node's mounts nor its processes.
 */
export function isPodGone(record: AttachmentRecord, look: Look): boolean {
  return isNamespace(record.netns) ? !driverOf(record.kind).isPresent(record, look) : isNetnsGone(record);
}

/** The same by the path alone, for whoever looks at what the namespace at that path has. */
export function isNetnsGone({ netns }: Pick<AttachmentRecord, "netns">): boolean {
  if (isNamespace(netns)) return false;
  return netns.startsWith("/proc/") ? seesAllProcesses() : exists(netns.slice(0, netns.lastIndexOf("/")));
}

/** The same for whoever does not hold the record's lock: an ADD that still runs has not made everything. */
export function seemsGone(record: AttachmentRecord, look: Look): boolean {
  return isPodGone(record, look) && !(isNamespace(record.netns) && isRecordLocked(record));
}

/** The records of pods that are there. */
export function listLiving(records: readonly AttachmentRecord[], host: RouteSocket): AttachmentRecord[] {
  const look = lookAtAll(host);
  return records.filter((record) => !seemsGone(record, look));
}

/** For one question alone. */
export function isGone(record: AttachmentRecord): boolean {
  using host = NetlinkSocket.open(rtnetlink);
  return seemsGone(record, lookOnce(host));
}

/** Asks the kernel for one interface at a time. */
export function lookOnce(host: RouteSocket): Look {
  return {
    onHost(record) {
      const link = record.hostIfname === undefined ? undefined : getLink(host, record.hostIfname);
      return link && isMarked(link, record) && hasOtherEnd(host, link) ? link : lookInPod(record);
    },
    inPod: lookInPod,
  };
}

/** Asks the kernel for all interfaces of the node at the first question. */
export function lookAtAll(host: RouteSocket): Look {
  let byAlias: Map<string, Link> | undefined;
  return {
    onHost(record) {
      byAlias ??= new Map(listLinks(host).map((link) => [link.ifalias, link]));
      return byAlias.get(aliasOf(record)) ?? lookInPod(record);
    },
    inPod: lookInPod,
  };
}

/** The interface with the mark in the namespace at the recorded path. */
export function lookInPod({ netns, ...attachment }: AttachmentRecord): Link | undefined {
  using container = openContainerIfAny({ netns, trace: undefined });
  return container && listLinks(container).find((link) => isMarked(link, attachment));
}

/** A virtual function's alias tells more behind the attachment's. */
function isMarked(link: Link, attachment: Attachment): boolean {
  const alias = aliasOf(attachment);
  return link.ifalias === alias || link.ifalias.startsWith(`${alias} `);
}

const FIRST_PID_NAMESPACE = 0xefff_fffc; // PROC_PID_INIT_INO, linux/proc_ns.h

/** False in most containers: processes may keep namespaces that cannot be seen from here. */
export function seesAllProcesses(): boolean {
  return statFile("/proc/self/ns/pid").identity.endsWith(`:${FIRST_PID_NAMESPACE}`);
}
