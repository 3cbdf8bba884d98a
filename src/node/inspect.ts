/** Each step of a living attachment held against the kernel, without a runtime that asks for it. */

import { checkContextOf } from "../attachment/check.ts";
import { toCniError } from "../attachment/errors.ts";
import { driverOf } from "../attachment/kinds/index.ts";
import type { Output } from "../attachment/output.ts";
import { openPod } from "../attachment/pod.ts";
import { resultOf } from "../attachment/record/from-plan.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { lockRecord } from "../attachment/record/store.ts";
import type { CheckContext, Step } from "../attachment/steps/step.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";

export interface InspectedStep {
  readonly step: string;
  /** In words; none: all is as it was made. */
  readonly differences: readonly string[];
}

/** In the order of ADD. @throws {CniError} 8: its network namespace is gone */
export function inspect(record: AttachmentRecord, output: Output): InspectedStep[] {
  const open = lockRecord(record); // an ADD or DEL of it comes before or after
  try {
    using pod = openPod({ netns: record.netns, mayUseOwnNetns: false }, output.trace);
    using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
    const prevResult = resultOf(record);
    const context = checkContextOf({
      ...output,
      wanted: record,
      record,
      prevResult,
      call: undefined,
      host,
      pod,
    });
    return driverOf(record.kind).checks.flatMap((step) => inspectStep(step, context));
  } finally {
    open?.unlock();
  }
}

function inspectStep({ name, check }: Step, context: CheckContext): InspectedStep[] {
  if (check === undefined) return [];
  try {
    return [{ step: name, differences: check(context) }];
  } catch (error) {
    return [{ step: name, differences: [`could not be looked at: ${toCniError(error).message}`] }];
  }
}
