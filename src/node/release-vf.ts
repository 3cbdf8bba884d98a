/** Virtual functions that are to be free again: those whose pod is gone, and any that a person insists on. */

import {
  type Attachment,
  describeAttachment,
  parseAlias,
  parseAttachment,
  parseVfAlias,
} from "../attachment/attachment.ts";
import { openSockets, removeAttachment } from "../attachment/del.ts";
import { toCniError } from "../attachment/errors.ts";
import { isNetnsGone, isPodGone, lookOnce } from "../attachment/leftovers/liveness.ts";
import type { Output } from "../attachment/output.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { lockRecord } from "../attachment/record/store.ts";
import { factsOf } from "../attachment/removal.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { listLinks } from "../link/link.ts";
import { SYSFS } from "../linux/sysfs.ts";
import { CLAIMS_ROOT, readClaim } from "../sriov/claims.ts";
import { findVf } from "../sriov/sysfs.ts";

/**
 * Frees a virtual function and puts it back as it was, with all of the attachment that holds it.
 * @returns who had it; undefined where nobody did
 * @throws {CniError} 100: the pod lives and `force` is not given; 7: no such function
 */
export function releaseVf(
  pciAddress: string,
  { force }: { force: boolean },
  output: Output,
): string | undefined {
  const vf = findVf(SYSFS, pciAddress);
  if (vf === undefined) {
    const problem = `${pciAddress} is no virtual function of this node`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "podwire vf list shows what there is");
  }
  using sockets = openSockets(output);
  const link = listLinks(sockets.host).find((candidate) => candidate.ifname === vf.ifname);
  const marked = link && parseVfAlias(link.ifalias) && parseAlias(link.ifalias);
  const claimed = readClaim(CLAIMS_ROOT, vf.pciAddress)?.owner;
  const holder = (claimed === undefined ? undefined : parseAttachment(claimed)) ?? marked;
  if (holder === undefined) return undefined;
  const record = recordOf(holder);
  const netns = record?.netns ?? "";
  if (!force && record !== undefined && !isPodGone(record, lookOnce(sockets.host))) {
    const problem = `virtual function ${pciAddress} is held by ${describeAttachment(holder)}, whose network namespace "${netns}" is there`;
    throw new CniError(CNI_ERROR.alreadyExists, problem, "delete the pod, or insist with --force");
  }
  removeAttachment(holder, factsOf(holder, netns, []), sockets);
  return describeAttachment(holder);
}

/** After an ADD or DEL of it that still runs. */
function recordOf(holder: Attachment): AttachmentRecord | undefined {
  const open = lockRecord(holder);
  open?.unlock();
  return open?.record;
}

/** What became of one that lay on the host with a pod's mark. */
export interface ReturnedVf {
  readonly ifname: string;
  readonly attachment: Attachment;
  /** Why it could not be put back; absent where all is well. */
  readonly problem?: string;
}

/** Puts back every function on the host that still bears the mark of a pod whose network namespace is gone. */
export function returnOrphanedVfs(output: Output): ReturnedVf[] {
  using sockets = openSockets(output);
  const marked = listLinks(sockets.host).filter(({ ifalias }) => parseVfAlias(ifalias) !== undefined);
  return marked.flatMap(({ ifname, ifalias }) => {
    const attachment = parseAlias(ifalias);
    if (attachment === undefined) return [];
    try {
      const record = recordOf(attachment);
      const netns = record?.netns ?? "";
      // The pod does not have its function: by the namespace alone it may still be waiting for it.
      if (record !== undefined && !isNetnsGone(record)) {
        const problem = `its pod's network namespace "${netns}" is there: DEL the pod and ADD it again`;
        return [{ ifname, attachment, problem }];
      }
      const mayRemove = (now?: AttachmentRecord) => now === undefined || isNetnsGone(now);
      const facts = { ...factsOf(attachment, netns, []), mayRemove };
      return removeAttachment(attachment, facts, sockets) ? [{ ifname, attachment }] : [];
    } catch (error) {
      return [{ ifname, attachment, problem: toCniError(error).message }];
    }
  });
}
