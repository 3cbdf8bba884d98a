/** CHECK: holds what the kernel has against the plan and the result of ADD, and names each difference. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { getLink, getLinks } from "../link/link.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import type { Output } from "./output.ts";
import { configDirOf } from "./plan/input.ts";
import { type AttachmentPlan, attachmentOf, planOwnBridge } from "./plan/plan.ts";
import { planAll } from "./plan/plan-all.ts";
import { planNamed } from "./plan/plan-named.ts";
import { resolveAgain } from "./plan/resolve-networks.ts";
import { openPod, type Pod } from "./pod.ts";
import { type AttachmentRecord, lockRecord } from "./record.ts";
import type { Checking } from "./step.ts";
import { stepsOf } from "./steps-of.ts";

/** @throws {CniError} 102 with every difference, 7 without a previous result, or a delegated plugin's own error */
export function check(request: Request, output: Output): void {
  const prevResult = requirePrevResult(request);
  using pod = openPod(request, output.trace);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const own = lockRecord(attachmentOf(request))?.record;
  const records = [own, ...companionsOf(request, own)];
  const plans = planAsAdded(request, records);
  const differences = plans.flatMap((plan, index) => {
    const checking = checkingOf({ ...output, request, plan, record: records[index], prevResult, host, pod });
    return stepsOf(plan.link.kind).flatMap((step) => step.check?.(checking) ?? []);
  });
  if (differences.length === 0) return;
  const problem = `attachment ${request.containerId} ${request.ifname} is not as it was made: ${differences.join("; ")}`;
  throw new CniError(CNI_ERROR.checkFailed, problem, "DEL and ADD it again, or mend what is named");
}

function companionsOf(request: Request, own: AttachmentRecord | undefined) {
  const companions = own?.companions ?? [];
  return companions.map((ifname) => lockRecord({ ...attachmentOf(request), ifname })?.record);
}

/** By the networks that the records name: the choice among a group, or a default, may be another one today. */
export function planAsAdded(
  request: Request,
  records: readonly (AttachmentRecord | undefined)[],
): AttachmentPlan[] {
  if (records[0] === undefined) return planAll(request);
  const networks = records.flatMap((record) => record?.named ?? []);
  if (networks.length === 0) return [planOwnBridge(request)];
  const configDir = configDirOf(request);
  return planNamed(
    request,
    networks.map((network) => resolveAgain(network, configDir)),
  );
}

/** One interface of a CHECK. */
export interface Checked extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan;
  readonly record: AttachmentRecord | undefined;
  readonly prevResult: Result;
  readonly host: RouteSocket;
  readonly pod: Pod;
}

export function checkingOf({ pod, ...one }: Checked): Checking {
  const { plan, prevResult, host } = one;
  const { netns, container } = pod;
  return { ...one, netns, container, links: findLinks(plan, prevResult, host, container) };
}

function requirePrevResult(request: Request): Result {
  const { prevResult } = request.netconf;
  if (prevResult !== undefined) return prevResult;
  throw new CniError(CNI_ERROR.invalidNetconf, "prevResult: missing", "CHECK wants the result of ADD in it");
}

/** The host's end is found by the name in the result, so that a pod which the reference plugin started passes too. */
function findLinks(
  { attachment, link, resolved }: AttachmentPlan,
  prevResult: Result,
  host: RouteSocket,
  container: RouteSocket,
): Checking["links"] {
  const inContainer = getLink(container, attachment.ifname);
  if (link.kind !== "bridge") return { bridge: undefined, host: undefined, container: inContainer };
  const isHostEnd = (name: string, sandbox: string | undefined) =>
    sandbox === undefined && name !== link.bridge;
  const printed =
    resolved === undefined
      ? prevResult.interfaces.find(({ name, sandbox }) => isHostEnd(name, sandbox))
      : undefined;
  const [bridge, hostEnd] = getLinks(host, [link.bridge, printed?.name ?? link.hostIfname]);
  return { bridge, host: hostEnd, container: inContainer };
}
