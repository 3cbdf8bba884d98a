/** An ADD of what a dead pod has: the DEL that nobody made comes first. */

import type { Address } from "../../addr/address.ts";
import type { Request } from "../../cni/request.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { PodwireError } from "../../error/podwire-error.ts";
import { awaitLinkChange } from "../../link/await-change.ts";
import { getLink, type Link } from "../../link/link.ts";
import { hasOtherEnd } from "../../link/veth.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { type Attachment, aliasOf, describeAttachment, hostIfnameOf } from "../attachment.ts";
import { openSockets, removeAttachment } from "../del.ts";
import type { Output } from "../output.ts";
import { attachmentOf } from "../plan/plan.ts";
import { listRecordsOf } from "../record/list.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { hasRecord, isRecordLocked } from "../record/store.ts";
import { configuredBy, factsOf } from "../removal.ts";
import { isPodGone, lookInPod, lookOnce } from "./liveness.ts";

/** The addresses that each interface had, by its name in the pod. */
export type FormerAddresses = ReadonlyMap<string, readonly Address[]>;

/** The kernel lets go of a namespace some milliseconds after the last path to it. */
const RELEASE_TIMEOUT_MS = 1000;

export const NONE_FORMER: FormerAddresses = new Map();

/** What `add` returns. Where the attachment is there already and its pod is gone, it is removed, and added anew. */
export function replacingDead<T>(request: Request, output: Output, add: (former: FormerAddresses) => T): T {
  try {
    return add(NONE_FORMER);
  } catch (error) {
    const former = isTaken(error) ? removeDead(request, output) : undefined;
    if (former === undefined) throw error;
    return add(former);
  }
}

function isTaken(error: unknown): boolean {
  return error instanceof PodwireError && error.code === CNI_ERROR.alreadyExists;
}

/** Undefined where the pod is alive, or a call about it still runs: then nothing was changed. */
function removeDead(request: Request, output: Output): FormerAddresses | undefined {
  const attachment = attachmentOf(request);
  if (isRecordLocked(attachment)) return undefined;
  using sockets = openSockets(output);
  const { host } = sockets;
  const records = listRecordsOf(attachment.network).filter(
    (one) => one.containerId === attachment.containerId,
  );
  if (!mayBeDead(host, attachment, records)) return undefined;
  awaitLinkChange(() => !hasBothEnds(host, attachment), { timeoutMs: RELEASE_TIMEOUT_MS });
  const look = lookOnce(host);
  const mayRemove = (record?: AttachmentRecord) =>
    record === undefined ? !hasBothEnds(host, attachment) : isPodGone(record, look);
  const facts = {
    ...factsOf(attachment, "", request.path),
    configured: configuredBy(request, output),
    mayRemove,
  };
  if (!removeAttachment(attachment, facts, sockets)) return undefined;
  output.report(
    `attachment ${describeAttachment(attachment)}, whose pod is gone, was removed to be added anew`,
  );
  return new Map(records.map(({ ifname, ips = [] }) => [ifname, ips.map(({ address }) => address)]));
}

/** A file that is no record says nothing of its pod; without a record a pair must tell that there was one. */
function mayBeDead(host: RouteSocket, attachment: Attachment, records: readonly AttachmentRecord[]): boolean {
  const own = records.find(({ ifname }) => ifname === attachment.ifname);
  if (own !== undefined) return lookInPod(own) === undefined;
  return !hasRecord(attachment) && findHostEnd(host, attachment) !== undefined;
}

/** False where there is no veth pair of the attachment, or its namespace is going. */
function hasBothEnds(host: RouteSocket, attachment: Attachment): boolean {
  const link = findHostEnd(host, attachment);
  return link !== undefined && hasOtherEnd(host, link);
}

function findHostEnd(host: RouteSocket, attachment: Attachment): Link | undefined {
  const link = getLink(host, hostIfnameOf(attachment));
  return link?.ifalias === aliasOf(attachment) ? link : undefined;
}
