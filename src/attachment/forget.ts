/** The end of an attachment of which nothing is left. */

import { CLAIMS_ROOT, lockClaims, releaseClaim } from "../sriov/claims.ts";
import { describeAttachment } from "./attachment.ts";
import { type AttachmentRecord, removeRecord } from "./record.ts";

/**
 * Gives back the claim on a virtual function, then removes the record. A process that is killed in between leaves a
 * record whose removal finds the function in nobody's hands, or in another's, and leaves it alone.
 */
export function forget(record: AttachmentRecord): void {
  if (record.vf !== undefined) {
    using lock = lockClaims(CLAIMS_ROOT);
    releaseClaim(lock, record.vf.pciAddress, describeAttachment(record));
  }
  removeRecord(record);
}
