/** What dead pods have left on the node: found without a runtime's list, or with its sandboxes, and removed. */

import { formatAddress } from "../addr/address.ts";
import { describeAttachment } from "../attachment/attachment.ts";
import { openSockets, type RemovalSockets } from "../attachment/del.ts";
import { toCniError } from "../attachment/errors.ts";
import { findLeftovers, type Judge, type Leftover, type Leftovers } from "../attachment/leftovers/find.ts";
import { isPodGone, lookAtAll, lookOnce, seemsGone } from "../attachment/leftovers/liveness.ts";
import { attempt, type Removed, removeLeftover, sweepShared } from "../attachment/leftovers/remove.ts";
import type { Output } from "../attachment/output.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { factsOf } from "../attachment/removal.ts";
import { IpamStore } from "../ipam/store.ts";
import { type GcExemptions, readGcExemptions } from "./gc-exemptions.ts";
import {
  type Directory,
  type Holder,
  isFree,
  listHolders,
  type NodeFacts,
  readNodeFacts,
} from "./holders.ts";
import { listPools } from "./pools.ts";

/** A reservation to be taken back that no attachment will take along. */
export interface StaleAddress {
  readonly directory: Directory;
  readonly holder: Holder;
}

export interface Garbage extends Leftovers {
  readonly addresses: readonly StaleAddress[];
  /** What would be garbage too, but for the configuration of its network. */
  readonly leftAlone: readonly LeftAlone[];
}

export interface LeftAlone {
  readonly what: string;
  readonly reason: string;
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
  readonly directories: readonly Directory[];
  readonly facts: NodeFacts;
  readonly exemptions: GcExemptions;
  /** Absent: a pod is alive while its network namespace, and what ADD made for it, is there. */
  readonly sandboxes?: KnownSandboxes;
}

/** Looks, and changes nothing. */
export function findGarbage({ sockets, directories, facts, exemptions, sandboxes }: Search): Garbage {
  const look = lookAtAll(sockets.host);
  const isGone = (record: AttachmentRecord) => seemsGone(record, look);
  const { attachments, unclear } = findLeftovers(sockets, judgeBy(isGone, sandboxes));
  const stale = directories.flatMap((directory) => staleAddresses(directory, facts));
  const whyKept = ({ attachment }: Leftover) => exemptions.ofNetwork(attachment.network);
  const whyReserved = ({ directory }: StaleAddress) => exemptions.ofPool(directory);
  return {
    attachments: attachments.filter((one) => whyKept(one) === undefined),
    addresses: stale.filter((one) => whyReserved(one) === undefined),
    unclear,
    leftAlone: [
      ...leftAlone(attachments, ({ attachment }) => describeAttachment(attachment), whyKept),
      ...leftAlone(stale, describeAddress, whyReserved),
    ],
  };
}

function leftAlone<T>(
  all: readonly T[],
  describe: (one: T) => string,
  why: (one: T) => string | undefined,
): LeftAlone[] {
  return all.flatMap((one) => {
    const reason = why(one);
    return reason === undefined ? [] : [{ what: describe(one), reason }];
  });
}

function judgeBy(isGone: (record: AttachmentRecord) => boolean, sandboxes?: KnownSandboxes): Judge {
  return {
    whyStale(record) {
      if (isGone(record)) return `its network namespace ${record.netns} is gone`;
      if (sandboxes === undefined || sandboxes.has(record.containerId)) return undefined;
      const isNew = Date.now() - Date.parse(record.createdAt) < sandboxes.grace;
      return isNew ? undefined : "the container runtime has no such sandbox";
    },
    whyOrphaned({ attachment, hasPod }) {
      const isAlive = sandboxes === undefined ? hasPod : sandboxes.has(attachment.containerId);
      return isAlive ? undefined : "it has no record, and no pod";
    },
  };
}

/** Those that the removal of an attachment does not free. */
function staleAddresses(directory: Directory, facts: NodeFacts): StaleAddress[] {
  return listHolders(directory, facts)
    .filter((holder) => isFree(holder) && holder.record === undefined)
    .map((holder) => ({ directory, holder }));
}

/** Where things are that a removal needs. */
export interface Places {
  /** Directories of delegated plugins. */
  readonly path: readonly string[];
  /** Where networks by name are, which uplinks are kept for. */
  readonly configDir: string;
  /** Where the runtime's configurations are; absent: in the directory above that. */
  readonly confDir?: string;
}

export interface CollectContext extends Places {
  readonly sockets: RemovalSockets;
  readonly sandboxes?: KnownSandboxes;
}

/** What became of one thing. */
export interface Collected {
  readonly what: string;
  readonly reason: string;
  /** Why it is still there; absent where it is gone. */
  readonly problem?: string;
}

export interface CleanUp {
  readonly collected: readonly Collected[];
  readonly leftAlone: readonly LeftAlone[];
}

/** Finds and removes it in one go, from live namespaces alone. */
export function cleanUp({ configDir, confDir, path }: Places, output: Output): CleanUp {
  using sockets = openSockets(output);
  const directories = listPools(configDir, confDir);
  const exemptions = readGcExemptions(configDir, confDir);
  const garbage = findGarbage({ sockets, directories, facts: readNodeFacts(), exemptions });
  const collected = collectGarbage(garbage, { sockets, path, configDir });
  return { collected, leftAlone: garbage.leftAlone };
}

/** Removes all of it, past failures. */
export function collectGarbage({ attachments, addresses }: Garbage, context: CollectContext): Collected[] {
  const { sockets, configDir } = context;
  const removed = [
    ...attachments.flatMap((leftover) => collectOne(leftover, context)),
    ...addresses.flatMap((stale) =>
      attempt({ what: describeAddress(stale), reason: "nobody has it" }, () => {
        freeAddress(stale, sockets);
        return true;
      }),
    ),
    ...sweepShared(sockets, configDir),
  ];
  return removed.map(toCollected);
}

/** Judged again under the lock of its record: the container may have been added anew. */
function collectOne(leftover: Leftover, { sockets, path, sandboxes }: CollectContext): Removed[] {
  const { attachment, netns, isRecorded } = leftover;
  const look = lookOnce(sockets.host);
  const { whyStale } = judgeBy((record) => isPodGone(record, look), sandboxes);
  const mayRemove = (record: AttachmentRecord | undefined) =>
    record === undefined ? !isRecorded : whyStale(record) !== undefined;
  return removeLeftover(leftover, { ...factsOf(attachment, netns, path), mayRemove }, sockets);
}

function toCollected({ what, reason, failure }: Removed): Collected {
  return { what, reason, ...(failure === undefined ? {} : { problem: toCniError(failure.cause).message }) };
}

/** Where its file is still as it was; one that names nobody goes as soon as it is read. */
export function freeAddress({ directory, holder }: StaleAddress, { report }: Output): void {
  using store = IpamStore.open(directory.dataDir, directory.network, report);
  if (holder.owner === undefined) store.ownerOf(holder.address);
  else store.release(holder.address, holder.owner);
}

export function describeAddress({ directory: { network }, holder: { address } }: StaleAddress): string {
  return `address ${formatAddress(address)} of ${network}`;
}
