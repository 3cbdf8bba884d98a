/** CHECK: holds what the kernel has against the plan and the result of ADD, and names each difference. */

import { decodeResult } from "../cni/decode-result.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import { field } from "../cni/json.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { getLink, getLinks, type RouteSocket } from "../link/link.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { bridgeSteps } from "./bridge-steps.ts";
import type { Output } from "./output.ts";
import { type AttachmentPlan, planAttachment } from "./plan.ts";
import { openPod } from "./pod.ts";
import { lockRecord } from "./record.ts";
import type { Checking } from "./step.ts";

/** @throws {CniError} 102 with every difference, 7 without a previous result, or a delegated plugin's own error */
export function check(request: Request, output: Output): void {
  const plan = planAttachment(request);
  const prevResult = requirePrevResult(request);
  using pod = openPod(request, output.trace);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const { netns, container } = pod;
  const record = lockRecord(plan.attachment)?.record;
  const links = findLinks(plan, prevResult, host, container);
  const checking: Checking = { ...output, request, plan, record, prevResult, host, netns, container, links };
  const differences = bridgeSteps.flatMap((step) => step.check?.(checking) ?? []);
  if (differences.length === 0) return;
  const { containerId, ifname } = plan.attachment;
  const problem = `attachment ${containerId} ${ifname} is not as it was made: ${differences.join("; ")}`;
  throw new CniError(CNI_ERROR.checkFailed, problem, "DEL and ADD it again, or mend what is named");
}

function requirePrevResult(request: Request): Result {
  const prevResult = field(request.netconf, "prevResult");
  if (prevResult !== undefined) return decodeResult(prevResult, request.cniVersion);
  throw new CniError(CNI_ERROR.invalidNetconf, "prevResult: missing", "CHECK wants the result of ADD in it");
}

/** The host's end is found by the name in the result, so that a pod which the reference plugin started passes too. */
function findLinks(
  plan: AttachmentPlan,
  prevResult: Result,
  host: RouteSocket,
  container: RouteSocket,
): Checking["links"] {
  const isHostEnd = (name: string, sandbox: string | undefined) =>
    sandbox === undefined && name !== plan.config.bridge;
  const printed = prevResult.interfaces.find(({ name, sandbox }) => isHostEnd(name, sandbox));
  const [bridge, hostEnd] = getLinks(host, [plan.config.bridge, printed?.name ?? plan.hostIfname]);
  return { bridge, host: hostEnd, container: getLink(container, plan.attachment.ifname) };
}
