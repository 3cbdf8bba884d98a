/** One attachment of an ADD: its claim, its steps, and how to take it back. */

import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { claimAttachment } from "./claim.ts";
import { removalOf } from "./del.ts";
import { explainLack } from "./kernel-lack.ts";
import { driverOf } from "./kinds/index.ts";
import { claimWithReclaim } from "./leftovers/reclaim.ts";
import type { FormerAddresses } from "./leftovers/replace.ts";
import type { Output } from "./output.ts";
import { requireMinBurst } from "./plan/min-burst.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import type { Pod } from "./pod.ts";
import { forget } from "./record/forget.ts";
import { readRecord } from "./record/store.ts";
import { factsOf } from "./removal.ts";
import { toResult } from "./result.ts";
import {
  type AddContext,
  addOrRollBack,
  type Claim,
  delAll,
  type RemovalContext,
  StepError,
} from "./steps/step.ts";

export interface Attached {
  readonly result: Result;
  undo(host: RouteSocket): void;
}

export interface AttachContext extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan;
  /** The names of all interfaces of the same ADD, the runtime's first. */
  readonly ifnames: readonly string[];
  readonly pod: Pod;
  readonly host: RouteSocket;
  /** What its interfaces had before, given again where that is free. */
  readonly former: FormerAddresses;
}

/** @throws {StepError} and what stands before the first step; nothing is left of what was begun */
export function attach({ pod, ...given }: AttachContext): Attached {
  const { request, plan, host, report, trace } = given;
  const driver = driverOf(plan.link.kind);
  const found = driver.prepare(plan, { host, container: pod.container });
  const { mtu } = found;
  requireMinBurst(plan.shaping, mtu);
  const claim = claimWithReclaim({ plan, host, path: request.path, report, trace }, () =>
    claimAttachment({ ...given, mtu }),
  );
  const { netns, container } = pod;
  const takeBack: AddContext["takeBack"] = [];
  const call = request;
  const context: AddContext = { report, trace, call, plan, claim, host, netns, container, mtu, takeBack };
  const removal = removalOfAdd(context, request, claim);
  try {
    const added = addOrRollBack((run) => driver.add(context, found, run), driver.removal, removal, takeBack);
    return { result: toResult(added), undo: (again) => undo({ ...removal, host: again }) };
  } catch (error) {
    const isLeft = error instanceof StepError && error.rollbackFailures.length > 0;
    if (!isLeft) forget(plan.attachment, claim.record);
    throw explainLack(error, plan, given);
  }
}

/** The removal of what this ADD makes: from the record alone, as a later DEL would have it. */
function removalOfAdd(
  { plan, host, report, trace }: AddContext,
  request: Request,
  claim: Claim,
): RemovalContext {
  const { attachment } = plan;
  const facts = { ...factsOf(attachment, request.netns, request.path), delegation: request };
  const sockets = { host, netfilter: new LazySocket(netfilter, { trace }), report, trace };
  const removal = removalOf(attachment, claim.record, { ...facts, ...sockets });
  return {
    ...removal,
    /** With what its steps have added to it by then. */
    get record() {
      return readRecord(attachment) ?? claim.record;
    },
  };
}

/** For a result that is not delivered: the runtime never saw it, so nobody would DEL the attachment. */
function undo(removal: RemovalContext): void {
  const { record, attachment } = removal;
  if (record === undefined) return;
  const failures = delAll(driverOf(record.kind).removal, removal);
  if (failures.length === 0) forget(attachment, record);
  for (const { step, cause } of failures)
    removal.report(`left behind, DEL will try again: ${step}: ${String(cause)}`);
}
