/** DEL: everything of an attachment goes, whatever is left of its namespace, record or configuration. */

import { CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import { DEFAULT_DATA_DIR } from "../ipam/store.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { Attachment } from "./attachment.ts";
import { forget } from "./forget.ts";
import { listUnrecorded } from "./holdings.ts";
import type { Output } from "./output.ts";
import { placeOf } from "./plan/ipam.ts";
import { attachmentOf } from "./plan/plan.ts";
import { type AttachmentRecord, lockRecord, type RecordedAddressing } from "./record.ts";
import { listCompanions } from "./records.ts";
import { delAll, type Removal, type StepFailure } from "./step.ts";
import { stepsToRemove } from "./steps-of.ts";

/** Some of an attachment could not be removed; its record stays, so that DEL or GC can try again. */
export class IncompleteRemoval extends Error {
  override readonly name = "IncompleteRemoval";
  readonly leftovers: readonly StepFailure[];

  constructor(attachment: string, leftovers: readonly StepFailure[]) {
    super(`attachment ${attachment} could not be removed completely`);
    this.leftovers = leftovers;
  }
}

/** @throws {IncompleteRemoval} {@link LockTimeout} */
export function del(request: Request, output: Output): void {
  using sockets = openSockets(output);
  removeAttachment(request, sockets, output);
}

/** The sockets of removals on the host. */
export interface RemovalSockets extends Pick<Removal, "host" | "netfilter"> {
  [Symbol.dispose](): void;
}

export function openSockets({ trace }: Output): RemovalSockets {
  const host = NetlinkSocket.open(rtnetlink, { trace });
  const lazy = new LazySocket(netfilter, { trace });
  const close = () => {
    lazy[Symbol.dispose]();
    host.close();
  };
  return { host, netfilter: lazy, [Symbol.dispose]: close };
}

/**
 * The body of DEL, also for GC: the interfaces that came with this one go first.
 * @param mayGo asked about its record once that is locked: a runtime may have added it anew under the same name
 * @returns false where it may not: then nothing was changed
 * @throws {IncompleteRemoval}
 */
export function removeAttachment(
  request: Request,
  sockets: RemovalSockets,
  output: Output,
  mayGo: (record: AttachmentRecord | undefined) => boolean = () => true,
): boolean {
  const attachment = attachmentOf(request);
  const open = lockRecord(attachment);
  try {
    const record = open?.record;
    if (!mayGo(record)) return false;
    const companions = record === undefined ? findCompanions(attachment) : (record.companions ?? []);
    const leftovers = [
      ...companions.flatMap((ifname) => removeCompanion({ ...request, ifname }, sockets, output)),
      ...removeOne(request, record, sockets, output),
    ];
    if (leftovers.length > 0)
      throw new IncompleteRemoval(`${request.containerId} ${request.ifname}`, leftovers);
    forget(attachment, record);
    return true;
  } finally {
    open?.unlock(); // a GC has more of them than a process may have open files
  }
}

/** Without the first one's record: from those of the others, and from their addresses. */
function findCompanions(attachment: Attachment): string[] {
  return [...new Set([...listCompanions(attachment), ...listUnrecorded(attachment)])];
}

function removeCompanion(request: Request, sockets: RemovalSockets, output: Output): StepFailure[] {
  const attachment = attachmentOf(request);
  const open = lockRecord(attachment);
  try {
    const record = open?.record;
    const addressing = record?.addressing ?? { kind: "none" };
    const removal = removalOf(request, { record, addressing }, sockets, output);
    const leftovers = delAll(stepsToRemove(record), removal);
    if (leftovers.length > 0) return leftovers;
    forget(attachment, record);
    return [];
  } finally {
    open?.unlock();
  }
}

function removeOne(
  request: Request,
  record: AttachmentRecord | undefined,
  sockets: RemovalSockets,
  output: Output,
): StepFailure[] {
  const addressing = addressingOf(request, record, output);
  return delAll(stepsToRemove(record), removalOf(request, { record, addressing }, sockets, output));
}

function removalOf(
  request: Request,
  { record, addressing }: Pick<Removal, "record" | "addressing">,
  sockets: RemovalSockets,
  output: Output,
): Removal {
  return {
    ...output,
    request,
    attachment: attachmentOf(request),
    record,
    prevResult: lenient(() => request.netconf.prevResult, undefined, output),
    host: sockets.host,
    netfilter: sockets.netfilter,
    netns: request.netns || (record?.netns ?? ""), // a runtime may have forgotten a namespace that is still there
    addressing,
  };
}

/** The record knows best; without one the configuration says where to search, as far as it can be read. */
function addressingOf(
  request: Request,
  record: AttachmentRecord | undefined,
  output: Output,
): RecordedAddressing {
  const configured = lenient(
    () => placeOf(request.netconf.ipam, request.network),
    { kind: "host-local", dataDir: DEFAULT_DATA_DIR, network: request.network },
    output,
  );
  const recorded = record?.addressing;
  if (recorded?.kind === "delegate") {
    const isSame = configured.kind === "delegate" && configured.plugin === recorded.plugin;
    return isSame ? { ...recorded, netconf: request.stdin } : recorded;
  }
  if (recorded !== undefined) return recorded;
  if (configured.kind === "delegate") return { ...configured, netconf: request.stdin };
  return configured;
}

/** What a DEL can do without must not fail it: a fault in the configuration is reported and passed over. */
function lenient<T>(decode: () => T, otherwise: T, output: Output): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    output.report(`ignored on removal: ${error.message}`);
    return otherwise;
  }
}
