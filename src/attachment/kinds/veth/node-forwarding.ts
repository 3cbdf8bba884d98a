/** Forwarding of the node for pods that it is the gateway of: turned on, or left to the operator. */

import type { Family } from "../../../addr/address.ts";
import {
  checkRouter,
  ensureForwarding,
  ensureRouter,
  forwardingKey,
  listUnforwarded,
} from "../../../link/forwarding.ts";
import type { Link } from "../../../link/link.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { OwnPlan } from "../../plan/plan.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";

/** The node's own parameters; what an interface of the node has follows from them. */
export function forwardOnNode(
  { plan, host, report }: AddContext<OwnPlan>,
  families: readonly Family[],
): void {
  if (!plan.config.leavesForwarding) ensureForwarding(host, families, report);
}

/** Those of the interface that pods' packets come in by, as the kernel shows it. */
export function forwardFrom(context: AddContext<OwnPlan>, link: Link, families: readonly Family[]): void {
  const { plan, host, report } = context;
  const { leavesForwarding } = plan.config;
  ensureRouter(host, link, leavesForwarding ? [] : families);
  if (!leavesForwarding) return;
  for (const lack of differences(host, link, families))
    report(`${lack}: pods reach nothing beyond the node; "forwarding": "leave" leaves that to you`);
}

/** Each difference in words; none where the operator has the parameters. */
export function checkForwarding(
  { host, wanted }: CheckContext,
  link: Link,
  families: readonly Family[],
): string[] {
  return wanted.interface?.leavesForwarding === true ? [] : differences(host, link, families);
}

function differences(host: RouteSocket, link: Link, families: readonly Family[]): string[] {
  return [
    ...listUnforwarded(host, families).map((family) => `sysctl ${forwardingKey(family)} is 0, want 1`),
    ...checkRouter(link, families),
  ];
}
