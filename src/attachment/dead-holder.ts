/** The virtual function that a device plugin gives to the next pod before anybody has made the DEL of the last one. */

import { CLAIMS_ROOT, readClaim } from "../sriov/claims.ts";
import { findVf, SYSFS } from "../sriov/sysfs.ts";
import { describeAttachment, parseAttachment } from "./attachment.ts";
import { openSockets, removeAttachment } from "./del.ts";
import { isGone } from "./liveness.ts";
import type { Output } from "./output.ts";
import type { SriovPlan } from "./plan.ts";
import { type AttachmentRecord, lockRecord } from "./record.ts";
import { removalRequestOf } from "./removal-request.ts";

/**
 * Makes the DEL of the attachment that has the given function, where its pod is gone: the function is as it was before,
 * and free. No lock may be held: a removal takes that of the addresses and that of the functions.
 * @param path folders of delegated plugins
 * @throws {IncompleteRemoval}
 */
export function removeDeadHolder(
  { deviceId }: Pick<SriovPlan, "deviceId">,
  path: readonly string[],
  output: Output,
): void {
  const holder = deviceId === undefined ? undefined : holderOf(deviceId);
  if (holder === undefined || !isGone(holder)) return;
  using sockets = openSockets(output);
  const whole = { ...holder, ifname: holder.primary ?? holder.ifname };
  removeAttachment(removalRequestOf(whole, "", path), sockets, output);
  output.report(
    `deviceID: virtual function ${deviceId} was taken back from ${describeAttachment(holder)}, which is gone`,
  );
}

function holderOf(deviceId: string): AttachmentRecord | undefined {
  const vf = findVf(SYSFS, deviceId);
  const owner = vf === undefined ? undefined : readClaim(CLAIMS_ROOT, vf.pciAddress)?.owner;
  const attachment = owner === undefined ? undefined : parseAttachment(owner);
  const open = attachment && lockRecord(attachment);
  open?.unlock();
  return open?.record;
}
