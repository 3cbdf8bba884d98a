/** DEL: everything of an attachment goes, whatever is left of its namespace, record or configuration. */

import type { Request } from "../cni/request.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { Attachment } from "./attachment.ts";
import { removalSteps } from "./kinds/index.ts";
import { listUnrecorded } from "./leftovers/reservations.ts";
import type { Output } from "./output.ts";
import { attachmentOf } from "./plan/plan.ts";
import { forget } from "./record/forget.ts";
import { listCompanions } from "./record/list.ts";
import type { AttachmentRecord, RecordedAddressing } from "./record/record.ts";
import { lockRecord, type OpenRecord } from "./record/store.ts";
import { configuredBy, type RemovalFacts } from "./removal.ts";
import { delAll, type RemovalContext, type StepFailure } from "./steps/step.ts";

/** Some of an attachment could not be removed; its record stays, so that DEL or GC can try again. */
export class IncompleteRemoval extends Error {
  override readonly name = "IncompleteRemoval";
  readonly failures: readonly StepFailure[];

  constructor(attachment: string, failures: readonly StepFailure[]) {
    super(`attachment ${attachment} could not be removed completely`);
    this.failures = failures;
  }
}

/** @returns false where there was no record to go by. @throws {IncompleteRemoval} {@link LockTimeout} */
export function del(request: Request, output: Output): boolean {
  using sockets = openSockets(output);
  const configured = configuredBy(request, output);
  const attachment = attachmentOf(request);
  const open = lockRecord(attachment);
  removeLocked(attachment, open, { netns: request.netns, delegation: request, configured }, sockets);
  return open !== undefined;
}

/** What removals on the host share: sockets, and where their lines go. */
export interface RemovalSockets extends Output, Pick<RemovalContext, "host" | "netfilter"> {
  [Symbol.dispose](): void;
}

export function openSockets(output: Output): RemovalSockets {
  const { report, trace } = output;
  const host = NetlinkSocket.open(rtnetlink, { trace });
  const lazy = new LazySocket(netfilter, { trace });
  const close = () => {
    lazy[Symbol.dispose]();
    host.close();
  };
  return { report, trace, host, netfilter: lazy, [Symbol.dispose]: close };
}

/**
 * The body of DEL, also for GC: the interfaces that came with this one go first.
 * @returns false where its record says that it may not be removed: then nothing was changed
 * @throws {IncompleteRemoval}
 */
export function removeAttachment(
  attachment: Attachment,
  facts: RemovalFacts,
  sockets: RemovalSockets,
): boolean {
  return removeLocked(attachment, lockRecord(attachment), facts, sockets);
}

/** `open`: undefined where there is no record. */
function removeLocked(
  attachment: Attachment,
  open: OpenRecord | undefined,
  facts: RemovalFacts,
  sockets: RemovalSockets,
): boolean {
  try {
    const record = open?.record;
    if (facts.mayRemove?.(record) === false) return false;
    const additional = record === undefined ? findAdditional(attachment) : (record.companions ?? []);
    const failures = [
      ...additional.flatMap((ifname) => removeAdditional({ ...attachment, ifname }, facts, sockets)),
      ...delAll(removalSteps(record), removalOf(attachment, record, { ...facts, ...sockets })),
    ];
    if (failures.length > 0)
      throw new IncompleteRemoval(`${attachment.containerId} ${attachment.ifname}`, failures);
    forget(attachment, record);
    return true;
  } finally {
    open?.unlock(); // a GC has more of them than a process may have open files
  }
}

/** Without the first one's record: from those of the others, and from their addresses. */
function findAdditional(attachment: Attachment): string[] {
  return [...new Set([...listCompanions(attachment), ...listUnrecorded(attachment)])];
}

/** An interface that came with another one: nothing but its own record tells of its addresses. */
function removeAdditional(
  attachment: Attachment,
  facts: RemovalFacts,
  sockets: RemovalSockets,
): StepFailure[] {
  const open = lockRecord(attachment);
  try {
    const configured = { ...facts.configured, addressing: { kind: "none" } } as const;
    const removal = removalOf(attachment, open?.record, { ...facts, ...sockets, configured });
    const failures = delAll(removalSteps(open?.record), removal);
    if (failures.length === 0) forget(attachment, open?.record);
    return failures;
  } finally {
    open?.unlock();
  }
}

/** The record knows best; without one the configuration says where to search. */
export function removalOf(
  attachment: Attachment,
  record: AttachmentRecord | undefined,
  given: Omit<RemovalFacts & RemovalSockets, typeof Symbol.dispose>,
): RemovalContext {
  return {
    ...given,
    attachment,
    record,
    netns: given.netns || (record?.netns ?? ""), // a runtime may have forgotten a namespace that is still there
    addressing: addressingOf(record?.addressing, given.configured.addressing),
  };
}

/** A delegated plugin gets the runtime's configuration of today, where that names it still. */
function addressingOf(
  recorded: RecordedAddressing | undefined,
  configured: RecordedAddressing,
): RecordedAddressing {
  if (recorded === undefined) return configured;
  const isSame =
    recorded.kind === "delegate" && configured.kind === "delegate" && configured.plugin === recorded.plugin;
  return isSame ? configured : recorded;
}
