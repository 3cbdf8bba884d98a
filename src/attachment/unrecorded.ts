/** Virtual functions that attachments without a record hold. */

import { exists } from "../linux/file.ts";
import { CLAIMS_ROOT, lockClaims } from "../sriov/claims.ts";
import { liveClaims } from "./vf-choice.ts";

/** Gives them back; whoever chooses a function does so too. */
export function releaseUnrecordedVfs(): void {
  if (!exists(CLAIMS_ROOT)) return;
  using lock = lockClaims(CLAIMS_ROOT);
  liveClaims(lock);
}
