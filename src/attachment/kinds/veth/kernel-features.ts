/** What a pair with the node asks of the kernel, for rules and rates. */

import type { FeatureName } from "../../../kernel/features.ts";
import type { AttachmentPlan, OwnPlan } from "../../plan/plan.ts";

export function trafficFeatures({ traffic, shaping }: AttachmentPlan<OwnPlan>): FeatureName[] {
  const { kept, hostPorts, sender, raGuard, ingressPolicy = "open" } = traffic ?? {};
  const hasBridgeRules = sender !== undefined || raGuard === "required";
  const hasInetRules = kept !== undefined || hostPorts !== undefined || ingressPolicy !== "open";
  return [
    ...(hasInetRules ? (["inetRules"] as const) : []),
    ...(hasBridgeRules ? (["bridgeRules"] as const) : []),
    ...(shaping?.ingress === undefined ? [] : (["tokenBucket"] as const)),
    ...(shaping?.egress === undefined ? [] : (["tokenBucket", "ifb"] as const)),
  ];
}
