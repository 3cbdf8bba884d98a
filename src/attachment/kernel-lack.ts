/** What this kernel lacks for an attachment: said by STATUS, and by an ADD that it has failed. */

import { formatPrefix } from "../addr/prefix.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { type FeatureName, KERNEL_FEATURES, probeFeatures, type Refusals } from "../kernel/features.ts";
import { whyNoIpv6 } from "../link/ipv6.ts";
import { isErrno, SyscallError } from "../linux/error.ts";
import { NetlinkError } from "../netlink/error.ts";
import { toCniError } from "./errors.ts";
import { driverOf } from "./kinds/index.ts";
import type { Output } from "./output.ts";
import { subnetsOf } from "./plan/ipam.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import { ingressOfRecord } from "./rules/ingress.ts";
import { StepError } from "./steps/step.ts";

/** The kernel has no such thing, or it is turned off. */
export class KernelLack extends PodwireError {
  override readonly name = "KernelLack";
}

export interface Lacks {
  /** Each thing in words, with what asks for it. */
  readonly lacks: readonly string[];
  /** Those of them that are features of the kernel. */
  readonly missing: readonly FeatureName[];
}

/** Every feature is tried once. @throws {SyscallError} EPERM */
export function listLacks(plans: readonly AttachmentPlan[], { trace }: Output): Lacks {
  const names = new Set(plans.flatMap(featuresOf));
  const refusals = probeFeatures(names, trace);
  const lacks = plans.flatMap((plan) => lacksOf(plan, refusals)).map(({ message }) => message);
  return { lacks: [...new Set(lacks)], missing: [...names].filter((name) => name in refusals) };
}

/**
 * The error of an ADD; where a step's request was refused as kernels refuse what they do not have, and they have not, in
 * words that say so. All else stays as it is.
 */
export function explainLack(error: unknown, plan: AttachmentPlan, { trace }: Output): unknown {
  if (!(error instanceof StepError) || !mayBeLack(error.cause)) return error;
  const { step, cause, rollbackFailures } = error;
  try {
    const names = featuresOf(plan);
    const [lack] = lacksOf(plan, refusalsBy(cause, names) ?? probeFeatures(names, trace), cause);
    return lack === undefined ? error : new StepError({ step, cause: lack }, rollbackFailures);
  } catch {
    return error; // safe: it is what has failed the ADD, and this was to make it clearer
  }
}

function mayBeLack(cause: unknown): boolean {
  return isMissingProtocol(cause) || (cause instanceof NetlinkError && isErrno(cause, ...LACKING));
}

/** What kernels answer where a module, a kind or an expression is missing; EACCES where IPv6 is turned off. */
const LACKING = ["EOPNOTSUPP", "EAFNOSUPPORT", "ENOENT", "EINVAL", "EACCES"];

/** Of our protocols every kernel with a network has the other one: rtnetlink. */
function isMissingProtocol(cause: unknown): boolean {
  return cause instanceof SyscallError && cause.syscall === "socket" && isErrno(cause, "EPROTONOSUPPORT");
}

function refusalsBy(cause: unknown, names: readonly FeatureName[]): Refusals | undefined {
  if (!isMissingProtocol(cause)) return undefined;
  const rules = names.filter((name) => name === "inetRules" || name === "bridgeRules");
  return Object.fromEntries(rules.map((name) => [name, cause]));
}

function featuresOf(plan: AttachmentPlan): readonly FeatureName[] {
  return driverOf(plan.link.kind).kernelFeatures(plan);
}

function lacksOf(plan: AttachmentPlan, refusals: Refusals, cause?: unknown): KernelLack[] {
  const features = featuresOf(plan)
    .filter((name) => name in refusals)
    .map((name) => featureLack(name, plan, refusals[name]));
  const ipv6 = ipv6Lack(plan, cause);
  return ipv6 === undefined ? features : [...features, ipv6];
}

function featureLack(name: FeatureName, plan: AttachmentPlan, refusal: unknown): KernelLack {
  const { title, config } = KERNEL_FEATURES[name];
  const asked = askedBy(name, plan);
  const isOption = asked !== "";
  const problem = `this kernel has no ${title} (${config})${isOption ? `, asked for by ${asked}` : ""}`;
  const without = isOption ? `, or take ${asked} out of the configuration` : "";
  return new KernelLack(`${problem}: ${toCniError(refusal).message}`, {
    code: CNI_ERROR.kernel,
    advice: `load the module on the node (modprobe), boot a kernel that has it${without}`,
    cause: refusal,
  });
}

/** Fields and options of this plan that ask for the feature; empty: every pod of its kind does. */
function askedBy(name: FeatureName, { traffic, resolved }: AttachmentPlan): string {
  if (resolved !== undefined) return `network "${resolved.network.name}"`;
  const { kept, hostPorts, sender, raGuard, ingressPolicy = "open" } = traffic ?? {};
  if (name === "inetRules")
    return [
      ...(kept === undefined ? [] : ["ipMasq"]),
      ...(hostPorts === undefined ? [] : ["portMappings"]),
      ...(ingressPolicy === "open" ? [] : ["ingressPolicy"]),
    ].join(" and ");
  if (name === "bridgeRules")
    return [
      ...(sender === undefined ? [] : ["macspoofchk"]),
      ...(raGuard === "required" ? ["raGuard"] : []),
    ].join(" and ");
  return KERNEL_FEATURES[name].askedFor;
}

function ingressOf(plan: AttachmentPlan): string {
  return ingressOfRecord(driverOf(plan.link.kind).recorded(plan)).ifname;
}

/** The node itself needs IPv6 only as a gateway; pods have parameters of their own, which ADD sets. */
function ipv6Lack(plan: AttachmentPlan, cause: unknown): KernelLack | undefined {
  const range = subnetsOf(plan.addressing).find(({ address }) => address.family === 6);
  const isByPlugin = plan.addressing.kind === "delegate" && cause !== undefined;
  if (range === undefined && !isByPlugin) return undefined;
  const off = whyNoIpv6(plan.config.isGateway ? ingressOf(plan) : undefined);
  if (off === undefined) return undefined;
  const what = range === undefined ? "the pod's IPv6 address" : `the range ${formatPrefix(range)}`;
  return new KernelLack(`IPv6 is off on this node: ${off.by}; ${what} cannot be used`, {
    code: CNI_ERROR.kernel,
    advice: `${off.remedy}; or take the IPv6 range out of ipam`,
    cause,
  });
}
