/** The end of an attachment of which nothing is left. */

import { CLAIMS_ROOT, findClaim, lockClaims, releaseClaim } from "../../sriov/claims.ts";
import { type Attachment, describeAttachment } from "../attachment.ts";
import type { AttachmentRecord } from "./record.ts";
import { removeRecord } from "./store.ts";

/**
 * Gives back the claim on a virtual function, then removes the record, or what cannot be read of it. A process that is
 * killed in between leaves a record whose removal finds the function in nobody's hands, or in another's, and leaves it
 * alone.
 */
export function forget(attachment: Attachment, record: AttachmentRecord | undefined): void {
  const owner = describeAttachment(attachment);
  const pciAddress = record === undefined ? findClaim(CLAIMS_ROOT, owner) : record.vf?.pciAddress;
  if (pciAddress !== undefined) {
    using lock = lockClaims(CLAIMS_ROOT);
    releaseClaim(lock, pciAddress, owner);
  }
  removeRecord(attachment);
}
