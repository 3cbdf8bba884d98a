/** What is left on the node of pods that are gone: found without a runtime's list, or with one. */

import { distinct } from "../attachment/addressing.ts";
import {
  type Attachment,
  describeAttachment,
  parseAlias,
  parseAttachment,
} from "../attachment/attachment.ts";
import type { RemovalSockets } from "../attachment/del.ts";
import { isGone as isPodGone } from "../attachment/liveness.ts";
import type { AttachmentRecord } from "../attachment/record.ts";
import { listNetworks, listRecords } from "../attachment/records.ts";
import { listLinks } from "../link/link.ts";
import { SYSFS } from "../linux/sysfs.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { listOwnedElements } from "../nftables/ruleset.ts";
import { CLAIMS_ROOT, listClaims } from "../sriov/claims.ts";
import { findVf } from "../sriov/sysfs.ts";
import { type Folder, type Holder, isFree, listHolders, type NodeFacts } from "./holders.ts";

/** An attachment to be removed, from its record or from what bears its mark. */
export interface StaleAttachment {
  readonly attachment: Attachment;
  /** Empty where nobody knows. */
  readonly netns: string;
  readonly reason: string;
}

/** A reservation to be taken back that no attachment will take along. */
export interface StaleAddress {
  readonly folder: Folder;
  readonly holder: Holder;
}

export interface Garbage {
  readonly attachments: readonly StaleAttachment[];
  readonly addresses: readonly StaleAddress[];
  /** Without a record, yet with a pod that may be alive: left alone. */
  readonly unclear: readonly Attachment[];
}

/** Sandboxes that a container runtime has, by ID. */
export interface KnownSandboxes {
  has(containerId: string): boolean;
  /** Milliseconds: a runtime does not list a sandbox before its ADD is done. */
  readonly grace: number;
}

export interface Search {
  readonly sockets: RemovalSockets;
  /** Pools whose reservations are looked at. */
  readonly folders: readonly Folder[];
  readonly facts: NodeFacts;
  /** Absent: a network namespace that is there stands for its pod. */
  readonly sandboxes?: KnownSandboxes;
}

/** Looks, and changes nothing. */
export function findGarbage(search: Search): Garbage {
  const traces = listTraces(search.sockets); // before the records: whoever comes in between has one
  const records = listNetworks().flatMap(listRecords);
  const recorded = new Set(records.map(describeAttachment));
  const unrecorded = traces.filter(({ attachment }) => !recorded.has(describeAttachment(attachment)));
  const isGone = ({ attachment, hasPod }: Trace) =>
    search.sandboxes === undefined ? !hasPod : !search.sandboxes.has(attachment.containerId);
  const stale = [
    ...records.flatMap((record) => staleRecord(record, search.sandboxes)),
    ...unrecorded.filter(isGone).map(toStale),
  ];
  return {
    attachments: distinct(stale, (a, b) => nameOf(a) === nameOf(b)),
    addresses: search.folders.flatMap((folder) => staleAddresses(folder, search.facts)),
    unclear: unrecorded.filter((trace) => !isGone(trace)).map(({ attachment }) => attachment),
  };
}

function toStale({ attachment }: Trace): StaleAttachment {
  return { attachment, netns: "", reason: "it has no record, and no pod" };
}

/** Interfaces that came with another one go with it. */
function staleRecord(record: AttachmentRecord, sandboxes: KnownSandboxes | undefined): StaleAttachment[] {
  const { network, containerId, ifname, primary, netns } = record;
  const reason = whyStale(record, sandboxes);
  if (reason === undefined) return [];
  return [{ attachment: { network, containerId, ifname: primary ?? ifname }, netns, reason }];
}

function whyStale(record: AttachmentRecord, sandboxes: KnownSandboxes | undefined): string | undefined {
  const { containerId, netns, createdAt } = record;
  if (isPodGone(record)) return `its network namespace ${netns} is gone`;
  if (sandboxes === undefined || sandboxes.has(containerId)) return undefined;
  const isNew = Date.now() - Date.parse(createdAt) < sandboxes.grace;
  return isNew ? undefined : "the container runtime has no such sandbox";
}

/** Those that the removal of an attachment does not free. */
function staleAddresses(folder: Folder, facts: NodeFacts): StaleAddress[] {
  return listHolders(folder, facts)
    .filter((holder) => isFree(holder) && holder.record === undefined)
    .map((holder) => ({ folder, holder }));
}

/** Something that bears an attachment's mark. */
interface Trace {
  readonly attachment: Attachment;
  /** It can only be there while the pod is. */
  readonly hasPod: boolean;
}

/** Each attachment once. */
function listTraces(sockets: RemovalSockets): Trace[] {
  const all = [...markedLinks(sockets.host), ...markedElements(sockets), ...claims()];
  const hasPod = new Set(all.filter((trace) => trace.hasPod).map(nameOf));
  return distinct(all, (a, b) => nameOf(a) === nameOf(b)).map((trace) => ({
    ...trace,
    hasPod: hasPod.has(nameOf(trace)),
  }));
}

function nameOf({ attachment }: { readonly attachment: Attachment }): string {
  return describeAttachment(attachment);
}

/** A veth end goes with the namespace of its other end. */
function markedLinks(host: RouteSocket): Trace[] {
  return listLinks(host).flatMap(({ ifalias, kind }) => {
    const attachment = parseAlias(ifalias);
    return attachment === undefined ? [] : [{ attachment, hasPod: kind === "veth" }];
  });
}

function markedElements({ netfilter }: RemovalSockets): Trace[] {
  const socket = netfilter.getIfSupported();
  return (socket === undefined ? [] : listOwnedElements(socket)).flatMap(({ owner }) => {
    const attachment = parseAttachment(owner);
    return attachment === undefined ? [] : [{ attachment, hasPod: false }];
  });
}

/** A virtual function whose interface is not on the node may be in a pod. */
function claims(): Trace[] {
  return [...listClaims(CLAIMS_ROOT)].flatMap(([pciAddress, { owner }]) => {
    const attachment = parseAttachment(owner);
    const vf = findVf(SYSFS, pciAddress);
    const hasPod = vf !== undefined && vf.ifname === undefined;
    return attachment === undefined ? [] : [{ attachment, hasPod }];
  });
}
