/** The node as a way through it is looked up: sockets in its namespace and in those of its pods, and the records. */

import { isNetnsGone } from "../../attachment/leftovers/liveness.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { getLinkByIndex, type Link, listLinks } from "../../link/link.ts";
import { ignoringErrno } from "../../linux/error.ts";
import { NetnsHandle } from "../../linux/netns.ts";
import { LazySocket } from "../../netlink/lazy.ts";
import { type NetfilterSocket, netfilter } from "../../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { shortId } from "../format.ts";

/** A pod's namespace, open. */
interface OpenPod {
  readonly netns: NetnsHandle;
  readonly socket: RouteSocket;
}

export class Facts {
  readonly host = NetlinkSocket.open(rtnetlink);
  /** All attachments of the node. */
  readonly records: readonly AttachmentRecord[] = listRecords();
  readonly #netfilter = new LazySocket(netfilter, {});
  readonly #pods = new Map<string, OpenPod>();
  #links: readonly Link[] | undefined;

  /** Undefined where this kernel has no packet filter. */
  get netfilter(): NetfilterSocket | undefined {
    return this.#netfilter.getIfSupported();
  }

  /** All interfaces of the node. */
  get links(): readonly Link[] {
    this.#links ??= listLinks(this.host);
    return this.#links;
  }

  /** Undefined where the interface is gone, or there is none (0). */
  link(ifindex: number): Link | undefined {
    if (ifindex === 0) return undefined;
    return ignoringErrno(() => getLinkByIndex(this.host, ifindex), undefined, "ENODEV");
  }

  /** The records of pods whose namespaces are there. */
  get living(): readonly AttachmentRecord[] {
    return this.records.filter((record) => !isNetnsGone(record));
  }

  /** @throws {SyscallError} ENOENT: the pod is gone */
  pod({ netns: path }: AttachmentRecord): OpenPod {
    const open = this.#pods.get(path);
    if (open !== undefined) return open;
    const netns = NetnsHandle.open(path);
    const pod = { netns, socket: NetlinkSocket.open(rtnetlink, { netns }) };
    this.#pods.set(path, pod);
    return pod;
  }

  [Symbol.dispose](): void {
    for (const { netns, socket } of this.#pods.values()) {
      socket.close();
      netns[Symbol.dispose]();
    }
    this.#netfilter[Symbol.dispose]();
    this.host.close();
  }
}

/** A pod by its name, else by its container's. */
export function podNameOf({ pod, containerId }: AttachmentRecord): string {
  return pod === undefined ? shortId(containerId) : `${pod.namespace}/${pod.name}`;
}
