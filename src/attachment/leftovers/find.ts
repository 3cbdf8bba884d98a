/**
 * Attachments that are to go: the one finder for the verb GC, `podwire gc`, the agent, `podwire doctor` and an ADD that
 * finds nothing free. They differ in the scope that they look at, and in who is alive for them.
 */

import { listLinks } from "../../link/link.ts";
import { SYSFS } from "../../linux/sysfs.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { listOwnedElements } from "../../nftables/elements/query.ts";
import { CLAIMS_ROOT, listClaims } from "../../sriov/claims.ts";
import { findVf } from "../../sriov/sysfs.ts";
import { type Attachment, describeAttachment, parseAlias, parseAttachment } from "../attachment.ts";
import type { RemovalSockets } from "../del.ts";
import { distinct } from "../plan/pod-addressing.ts";
import { listRecords, listRecordsOf } from "../record/list.ts";
import type { AttachmentRecord } from "../record/record.ts";

/** What bears the mark of an attachment: an interface, an element of our tables, a claim on a virtual function. */
export interface MarkedObject {
  readonly attachment: Attachment;
  /** It can only be there while the pod is. */
  readonly hasPod: boolean;
}

/** Who is alive. */
export interface Judge {
  /** Why a recorded attachment is to go, in words; undefined where it stays. */
  whyStale(record: AttachmentRecord): string | undefined;
  /** The same of one without a record. */
  whyOrphaned(object: MarkedObject): string | undefined;
}

/** An attachment to be removed: of several interfaces of one ADD the first, with which the others go. */
export interface Leftover {
  readonly attachment: Attachment;
  /** Empty where it is not known. */
  readonly netns: string;
  readonly reason: string;
  /** False for one that only its marked objects tell of. */
  readonly isRecorded: boolean;
}

export interface Leftovers {
  readonly attachments: readonly Leftover[];
  /** Without a record, and not to go: the pod may be alive. */
  readonly unclear: readonly Attachment[];
}

/** Looks, and changes nothing. `network`: undefined for all of the node. */
export function findLeftovers(
  sockets: Pick<RemovalSockets, "host" | "netfilter">,
  judge: Judge,
  network?: string,
): Leftovers {
  const { marked, records } = look(sockets, network);
  const suspects = withoutRecord(marked, records);
  const orphaned = suspects.length === 0 ? [] : stillWithoutRecord(suspects, look(sockets, network));
  const stale = [
    ...records.flatMap((record) => staleRecord(record, judge)),
    ...orphaned.flatMap((object) => orphan(object, judge)),
  ];
  return {
    attachments: distinct(stale, nameOf),
    unclear: orphaned
      .filter((object) => judge.whyOrphaned(object) === undefined)
      .map(({ attachment }) => attachment),
  };
}

interface Look {
  readonly marked: readonly MarkedObject[];
  readonly records: readonly AttachmentRecord[];
}

function look(sockets: Pick<RemovalSockets, "host" | "netfilter">, network: string | undefined): Look {
  const marked = listMarked(sockets, network); // before the records: an ADD in between has one
  return { marked, records: network === undefined ? listRecords() : listRecordsOf(network) };
}

function withoutRecord(
  objects: readonly MarkedObject[],
  records: readonly AttachmentRecord[],
): MarkedObject[] {
  const recorded = new Set(records.map(describeAttachment));
  return objects.filter((object) => !recorded.has(nameOf(object)));
}

/** A DEL removes the record last: one that has ended since the first look has left nothing that bears its mark. */
function stillWithoutRecord(suspects: readonly MarkedObject[], { marked, records }: Look): MarkedObject[] {
  const present = new Set(marked.map(nameOf));
  return withoutRecord(suspects, records).filter((object) => present.has(nameOf(object)));
}

function staleRecord(record: AttachmentRecord, judge: Judge): Leftover[] {
  const { network, containerId, ifname, primary, netns } = record;
  const reason = judge.whyStale(record);
  if (reason === undefined) return [];
  const attachment = { network, containerId, ifname: primary ?? ifname };
  return [{ attachment, netns, reason, isRecorded: true }];
}

function orphan(object: MarkedObject, judge: Judge): Leftover[] {
  const reason = judge.whyOrphaned(object);
  if (reason === undefined) return [];
  return [{ attachment: object.attachment, netns: "", reason, isRecorded: false }];
}

/** Each attachment once. */
function listMarked(
  { host, netfilter }: Pick<RemovalSockets, "host" | "netfilter">,
  network: string | undefined,
): MarkedObject[] {
  const marked = [...markedLinks(host), ...markedElements(netfilter), ...claims()];
  const all = marked.filter(({ attachment }) => network === undefined || attachment.network === network);
  const hasPod = new Set(all.filter((object) => object.hasPod).map(nameOf));
  return distinct(all, nameOf).map((object) => ({
    ...object,
    hasPod: hasPod.has(nameOf(object)),
  }));
}

function nameOf({ attachment }: { readonly attachment: Attachment }): string {
  return describeAttachment(attachment);
}

/** A veth end goes with the namespace of its other end. */
function markedLinks(host: RouteSocket): MarkedObject[] {
  return listLinks(host).flatMap(({ ifalias, kind }) => {
    const attachment = parseAlias(ifalias);
    return attachment === undefined ? [] : [{ attachment, hasPod: kind === "veth" }];
  });
}

function markedElements(netfilter: RemovalSockets["netfilter"]): MarkedObject[] {
  const socket = netfilter.getIfSupported();
  return (socket === undefined ? [] : listOwnedElements(socket)).flatMap(({ owner }) => {
    const attachment = parseAttachment(owner);
    return attachment === undefined ? [] : [{ attachment, hasPod: false }];
  });
}

/** A virtual function whose interface is not on the node may be in a pod. */
function claims(): MarkedObject[] {
  return [...listClaims(CLAIMS_ROOT)].flatMap(([pciAddress, { owner }]) => {
    const attachment = parseAttachment(owner);
    const vf = findVf(SYSFS, pciAddress);
    const hasPod = vf !== undefined && vf.ifname === undefined;
    return attachment === undefined ? [] : [{ attachment, hasPod }];
  });
}
