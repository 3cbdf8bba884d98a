/**
 * The steps of an attachment: each makes one thing, checks it and removes it.
 *
 * A kind of attachment (kinds/) calls `add` of its steps one after the other, each with what it needs of those before it,
 * and lists their `check` and `del`. What runs them stands here: an ADD that fails removes what it has made.
 */

import type { DelegateCall } from "../../cni/delegate.ts";
import type { Result } from "../../cni/result.ts";
import type { CniVersion } from "../../cni/versions.ts";
import type { Allocation } from "../../ipam/allocate.ts";
import type { IpamStore } from "../../ipam/store.ts";
import type { Link } from "../../link/link.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import type { LazySocket } from "../../netlink/lazy.ts";
import type { netfilter } from "../../netlink/netfilter/protocol.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { Attachment } from "../attachment.ts";
import type { Output } from "../output.ts";
import type { HostLocal } from "../plan/ipam.ts";
import type { AttachmentPlan, LinkPlan } from "../plan/plan.ts";
import type { AttachmentRecord, RecordedAddressing } from "../record/record.ts";
import type { RemovalFacts } from "../removal.ts";

/** Addresses that are chosen and not reserved yet; the store stays locked until they are. */
export interface Choice {
  readonly store: IpamStore;
  readonly pool: HostLocal;
  readonly allocations: readonly Allocation[];
}

/** What is chosen for an attachment and written down, before anything is made. */
export interface Claim {
  readonly record: AttachmentRecord;
  /** Open descriptor of the record. */
  readonly recordFd: number;
  /** Only where we give the addresses ourselves. */
  readonly choice: Choice | undefined;
}

/** What an ADD has at hand. */
export interface AddContext<L extends LinkPlan = LinkPlan> extends Output {
  /** What takes back the changes to things that pods share, where a later step fails; the last one is called first. */
  readonly takeBack: (() => void)[];
  readonly plan: AttachmentPlan<L>;
  readonly claim: Claim;
  /** How a delegated address plugin is called. */
  readonly call: DelegateCall & { readonly cniVersion: CniVersion };
  readonly host: RouteSocket;
  readonly netns: NetnsHandle;
  readonly container: RouteSocket;
  /** Bytes; undefined leaves a virtual function its own. */
  readonly mtu: number | undefined;
}

/** The pod's interface, in its own namespace. */
export interface ContainerLink {
  readonly ifindex: number;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
}

/** What a removal has at hand: only what the record and its caller know, nothing that ADD kept in memory. */
export interface RemovalContext extends Output, Pick<RemovalFacts, "netns" | "delegation" | "configured"> {
  readonly attachment: Attachment;
  readonly record: AttachmentRecord | undefined;
  readonly host: RouteSocket;
  /**
   * Closed last: the end of such a socket waits until the kernel has let go of what was removed from the ruleset,
   * which it does while links are deleted.
   */
  readonly netfilter: LazySocket<typeof netfilter>;
  readonly addressing: RecordedAddressing;
}

/** What a CHECK has at hand. */
export interface CheckContext extends Output {
  /** The attachment as its configuration, or its record, says that it is. */
  readonly wanted: AttachmentRecord;
  /** Undefined for a pod that the reference plugin started. */
  readonly record: AttachmentRecord | undefined;
  readonly prevResult: Result;
  /** How a delegated address plugin is asked; undefined where only the runtime could. */
  readonly call: DelegateCall | undefined;
  readonly host: RouteSocket;
  readonly netns: NetnsHandle;
  readonly container: RouteSocket;
  /** The interfaces as the kernel has them now. */
  readonly links: {
    readonly bridge: Link | undefined;
    readonly host: Link | undefined;
    readonly container: Link | undefined;
  };
}

export interface Step {
  /** Verb and thing; stands in errors. */
  readonly name: string;
  /** Each difference between the kernel and what was made, in words. Absent: nothing of it can be seen later. */
  check?(context: CheckContext): string[];
  /** Removes what `add` makes where it bears our mark; missing is success. Absent: goes with another step, or is shared. */
  del?(context: RemovalContext): void;
}

/** A step as an ADD runs it: what it makes is the result, what it needs of earlier ones stands in its arguments. */
export interface AddStep<Given extends readonly unknown[], Made> {
  readonly name: string;
  add(...given: Given): Made;
}

/** Runs one step of an ADD. */
export type Run = <Given extends readonly unknown[], Made>(
  step: AddStep<Given, Made>,
  ...given: Given
) => Made;

export interface StepFailure {
  readonly step: string;
  readonly cause: unknown;
}

/** The first failure of an ADD, with what its roll-back could not remove. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly step: string;
  readonly rollbackFailures: readonly StepFailure[];

  constructor(failure: StepFailure, rollbackFailures: readonly StepFailure[]) {
    super(`${failure.step} failed`, { cause: failure.cause });
    this.step = failure.step;
    this.rollbackFailures = rollbackFailures;
  }
}

/**
 * Runs an ADD; where a step fails, removes what that one and all before it have made.
 * @param removal the steps of a DEL, in its order
 * @param takeBack as the ADD's context has it
 * @throws {StepError}
 */
export function addOrRollBack<Added>(
  add: (run: Run) => Added,
  removal: readonly Step[],
  context: RemovalContext,
  takeBack: readonly (() => void)[],
): Added {
  const begun: string[] = [];
  const run: Run = (step, ...given) => {
    begun.push(step.name);
    return step.add(...given);
  };
  try {
    return add(run);
  } catch (cause) {
    const made = removal.filter(({ name }) => begun.includes(name));
    const shared = takeBack.toReversed().map((del) => ({ name: "takeBack", del }));
    const failures = delAll([...made, ...shared], context);
    throw new StepError({ step: begun.at(-1) ?? "", cause }, failures);
  }
}

/** Runs `del` of each step, past failures; gives those back. */
export function delAll(steps: readonly Step[], context: RemovalContext): StepFailure[] {
  return steps.flatMap((step) => {
    try {
      step.del?.(context);
      return [];
    } catch (cause) {
      return [{ step: step.name, cause }];
    }
  });
}
