/** Whether somebody may still remember an earlier pod under an address that a pod gets. */

import type { RangeSet } from "../../ipam/range.ts";
import type { AttachmentPlan } from "./plan.ts";

/**
 * In a pool of at most so many addresses, one may come round again within what neighbours remember: 30 to 45 s. Larger
 * ones are left alone, for on a bridge of the node's own an announcement goes to every pod: beside a thousand that is as
 * much work as the rest of an ADD.
 */
const SMALL_POOL = 256n;

/** True for addresses that were asked for, that come from a small pool or another plugin, and of networks by name. */
export function mayBeRemembered({ resolved, addressing }: AttachmentPlan): boolean {
  if (resolved !== undefined || addressing.kind === "delegate") return true;
  if (addressing.kind === "none") return false;
  return addressing.requested.length > 0 || addressing.sets.some(isSmall);
}

function isSmall(set: RangeSet): boolean {
  let count = 0n;
  for (const { start, end } of set) count += end.value - start.value + 1n;
  return count <= SMALL_POOL;
}
