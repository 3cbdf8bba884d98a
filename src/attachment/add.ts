/** ADD: from a request to a pod with a network and the result that says so, or to nothing at all. */

import { findPlugin } from "../cni/delegate.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { type AttachContext, type Attached, attach } from "./attach.ts";
import { replacingDead } from "./leftovers/replace.ts";
import type { Output } from "./output.ts";
import { requireAllowed } from "./plan/allowlist.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import { planAll } from "./plan/plan-all.ts";
import { openPod } from "./pod.ts";
import { mergeResults } from "./result.ts";

/** A finished ADD, and how to take it back if the runtime cannot be told of it. */
export interface Added {
  readonly result: Result;
  undo(): void;
}

/** @throws {CniError} or what the kernel or a step said; nothing is left of what was begun */
export function add(request: Request, output: Output): Added {
  const plans = planAll(request);
  for (const { settings, addressing } of plans) {
    requireAllowed(settings.sysctls);
    // Before there is a record: it would wait for ever for a plugin that cannot take anything back.
    if (addressing.kind === "delegate") findPlugin(addressing.plugin, request.path);
  }
  using pod = openPod(request, output.trace);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const given = { ...output, request, pod, host };
  return replacingDead(request, output, (former) => attachAll(plans, { ...given, former }));
}

/** All of the plans or none. */
function attachAll(plans: readonly AttachmentPlan[], given: Omit<AttachContext, "plan" | "ifnames">): Added {
  const { host, trace } = given;
  const ifnames = plans.map(({ attachment }) => attachment.ifname);
  const attached: Attached[] = [];
  const undoAll = (socket: RouteSocket) => {
    for (const one of attached.toReversed()) one.undo(socket);
  };
  try {
    for (const plan of plans) attached.push(attach({ ...given, plan, ifnames }));
  } catch (error) {
    undoAll(host);
    throw error;
  }
  const undo = () => {
    using again = NetlinkSocket.open(rtnetlink, { trace });
    undoAll(again);
  };
  return { result: mergeResults(attached.map(({ result }) => result)), undo };
}
