/** What a kind of attachment is: everything that differs between a veth pair on a bridge, a macvlan and a virtual function. */

import type { Interface, Result } from "../../cni/result.ts";
import type { FeatureName } from "../../kernel/features.ts";
import type { Link } from "../../link/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { Network } from "../../network/model.ts";
import type { Output } from "../output.ts";
import type { AttachmentPlan, LinkPlan } from "../plan/plan.ts";
import type { PodAddressing } from "../plan/pod-addressing.ts";
import type { AttachmentRecord } from "../record/record.ts";
import type { AddContext, CheckContext, Run, Step } from "../steps/step.ts";

/** Sockets in the two namespaces of an attachment. */
export interface PodSockets {
  readonly host: RouteSocket;
  readonly container: RouteSocket;
}

/** What is found out before anything is made. */
export interface Prepared {
  /** Bytes; undefined leaves a virtual function its own. */
  readonly mtu: number | undefined;
}

/** What an ADD has made, for its result. */
export interface Added {
  /** The pod's interface is the first one with a sandbox. */
  readonly interfaces: readonly Interface[];
  readonly addressing: PodAddressing;
}

/** The part of a record that tells of the interfaces. */
export type LinkRecord = Pick<
  AttachmentRecord,
  "kind" | "hostIfname" | "bridge" | "gatewayVlan" | "forward" | "interface" | "uplink" | "vf"
>;

/** One kind. A new one is a directory beside the others, a row in kinds/index.ts, and a plan in plan/plan.ts. */
export interface Driver<Plan extends LinkPlan = LinkPlan, Found extends Prepared = Prepared> {
  /**
   * Looks at the node before anything is made.
   * @throws {CniError} a name is taken, the uplink is missing or not for pods
   */
  prepare(plan: AttachmentPlan<Plan>, sockets: PodSockets): Found;

  /**
   * Chooses what the attachment needs of the node alone, and has it written down by `write`, in which nothing may be made.
   * @throws {CniError} 11: nothing is free
   */
  claim<Written>(
    plan: AttachmentPlan<Plan>,
    host: RouteSocket,
    write: (link: LinkRecord) => Written,
  ): Written;

  /** What the configuration of today says that the record should say, for a CHECK. */
  recorded(plan: AttachmentPlan<Plan>): LinkRecord;

  /** Makes the attachment, step by step. */
  add(context: AddContext<Plan>, found: Found, run: Run): Added;

  /** Every step that can be checked, in the order of ADD. */
  readonly checks: readonly Step[];

  /** Every step that can be removed, in the order of DEL; each needs nothing of those before it. */
  readonly removal: readonly Step[];

  /** The interfaces of an attachment as the kernel has them now. */
  findLinks(wanted: AttachmentRecord, prevResult: Result, sockets: PodSockets): CheckContext["links"];

  /** What an ADD needs of the kernel, for STATUS. */
  kernelFeatures(plan: AttachmentPlan<Plan>): readonly FeatureName[];

  /** Why an ADD would fail on this node, in words, for STATUS. @throws {CniError} as `prepare` and `claim` would */
  obstacles(plan: AttachmentPlan<Plan>, host: RouteSocket, output: Output): string[];

  /** Absent where its pods use up nothing but addresses and virtual functions. @throws {PodwireError} until a pod ends */
  requireRoom?(plan: AttachmentPlan<Plan>): void;

  /**
   * Removes what the kind's networks have left on `link` and nobody names or uses; absent where they leave nothing.
   * @returns the names of what was removed
   */
  readonly sweep?: (host: RouteSocket, link: Link, networks: readonly Network[]) => string[];

  /** True where a dead pod's attachment holds what this plan needs and cannot share. */
  competes(record: AttachmentRecord, plan: Plan): boolean;

  /** True where the plan names the one thing that it can do with: nothing else will help. */
  isChosenByCaller(plan: Plan): boolean;

  /** True where what ADD made for the pod is there: `links` of the node by ifalias, or the pod's own interface. */
  isPresent(record: AttachmentRecord, look: Look): boolean;
}

/** How the presence of an attachment's interfaces is found out. */
export interface Look {
  /** The interface of the node that bears the alias. */
  onHost(record: AttachmentRecord): Link | undefined;
  /** The interface in the pod that bears it. */
  inPod(record: AttachmentRecord): Link | undefined;
}
