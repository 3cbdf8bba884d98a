/** The steps of an attachment: each makes one thing, checks it and removes it; two functions run them. */

import type { Request } from "../cni/request.ts";
import type { Dns, IpConfig, Result, RouteConfig } from "../cni/result.ts";
import type { Link } from "../link/link.ts";
import type { NetnsHandle } from "../linux/netns.ts";
import type { LazySocket } from "../netlink/lazy.ts";
import type { netfilter } from "../netlink/netfilter/protocol.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import type { Attachment } from "./attachment.ts";
import type { Claim } from "./claim.ts";
import type { Output } from "./output.ts";
import type { AttachmentPlan, LinkPlan } from "./plan/plan.ts";
import type { AttachmentRecord, RecordedAddressing } from "./record.ts";
import type { RemovalFacts } from "./removal.ts";

/** What an ADD has at hand; `found` is filled by its steps for those after them. */
export interface Adding<L extends LinkPlan = LinkPlan> extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan<L>;
  readonly claim: Claim;
  readonly host: RouteSocket;
  readonly netns: NetnsHandle;
  readonly container: RouteSocket;
  /** Bytes; 0 leaves a virtual function its own. */
  readonly mtu: number;
  readonly found: Found;
}

export interface Found {
  bridge?: Link | undefined;
  /** The node's interface in the pod's VLAN; absent where the bridge itself is the gateway, or nothing is. */
  gateway?: Link;
  /** The veth end on the host. */
  host?: Link;
  /** The pod's interface; absent where it gets none. */
  container?: ContainerLink;
  /** The device that shapes what the pod sends. */
  ifb?: Link;
  ips: readonly IpConfig[];
  routes: readonly RouteConfig[];
  dns: Dns;
}

/** The pod's interface, in its own namespace. */
export interface ContainerLink {
  readonly ifindex: number;
  readonly mac: string;
  /** Bytes. */
  readonly mtu: number;
}

/** What a removal has at hand: only what the record and its caller know, nothing that ADD kept in memory. */
export interface Removal extends Output, Pick<RemovalFacts, "netns" | "delegation" | "configured"> {
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
export interface Checking<L extends LinkPlan = LinkPlan> extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan<L>;
  readonly record: AttachmentRecord | undefined;
  readonly prevResult: Result;
  readonly host: RouteSocket;
  readonly netns: NetnsHandle;
  readonly container: RouteSocket;
  /** The three interfaces as the kernel has them now. */
  readonly links: {
    readonly bridge: Link | undefined;
    readonly host: Link | undefined;
    readonly container: Link | undefined;
  };
}

export interface Step<L extends LinkPlan = LinkPlan> {
  /** Verb and thing; stands in errors. */
  readonly name: string;
  /** Absent: only removes. */
  add?(adding: Adding<L>): void;
  /** Each difference between the kernel and the plan, in words. */
  check?(checking: Checking<L>): string[];
  /** Removes what `add` makes where it bears our mark; missing is success. Absent: goes with another step, or is shared. */
  del?(removal: Removal): void;
}

export interface StepFailure {
  readonly step: string;
  readonly cause: unknown;
}

/** The first failure of an ADD, with what its roll-back could not remove. */
export class StepError extends Error {
  override readonly name = "StepError";
  readonly step: string;
  readonly leftovers: readonly StepFailure[];

  constructor(failure: StepFailure, leftovers: readonly StepFailure[]) {
    super(`${failure.step} failed`, { cause: failure.cause });
    this.step = failure.step;
    this.leftovers = leftovers;
  }
}

/**
 * Runs `add` of each step in order; on a failure removes what the failing one and all before it made.
 * @throws {StepError}
 */
export function addAll(steps: readonly Step[], adding: Adding, removal: Removal): void {
  for (const [index, step] of steps.entries()) {
    try {
      step.add?.(adding);
    } catch (cause) {
      const leftovers = delAll(steps.slice(0, index + 1), removal);
      throw new StepError({ step: step.name, cause }, leftovers);
    }
  }
}

/** Runs `del` of each step, last first, past failures; gives those back. */
export function delAll(steps: readonly Step[], removal: Removal): StepFailure[] {
  return steps.toReversed().flatMap((step) => {
    try {
      step.del?.(removal);
      return [];
    } catch (cause) {
      return [{ step: step.name, cause }];
    }
  });
}
