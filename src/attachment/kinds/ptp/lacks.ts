/** What the node and its kernel lack for pods with pairs of their own. */

import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { Output } from "../../output.ts";
import type { AttachmentPlan, PtpPlan } from "../../plan/plan.ts";
import { checkForeignChains } from "../veth/foreign-chains.ts";
import { probeIn, probeTraffic } from "../veth/probe.ts";

/** Each lack in words; the process stays in an empty network namespace. */
export function lacksOf(plan: AttachmentPlan<PtpPlan>, _host: RouteSocket, output: Output): string[] {
  const { trace } = output;
  return [
    ...checkForwarding(plan, output),
    ...probeIn(output, (empty) => probeTraffic(plan, { kind: "ptp" }, { empty, trace })),
  ];
}

function checkForwarding({ link, addressing }: AttachmentPlan<PtpPlan>, output: Output): string[] {
  if (link.forward) return [];
  const ranges = addressing.kind === "host-local" ? addressing.sets.flat() : [];
  const subnets = ranges.map(({ subnet }) => subnet);
  return checkForeignChains(link.hostIfname, subnets, output);
}
