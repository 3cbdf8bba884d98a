/** What of other programs' rules is in the way of pods with pairs of their own. */

import type { Output } from "../../output.ts";
import type { AttachmentPlan, PtpPlan } from "../../plan/plan.ts";
import { checkForeignChains } from "../veth/foreign-chains.ts";

export function obstaclesOf({ link, addressing }: AttachmentPlan<PtpPlan>, output: Output): string[] {
  if (link.forward) return [];
  const ranges = addressing.kind === "host-local" ? addressing.sets.flat() : [];
  const subnets = ranges.map(({ subnet }) => subnet);
  return checkForeignChains(link.hostIfname, subnets, output);
}
