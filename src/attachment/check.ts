/** CHECK: holds what the kernel has against the plan and the result of ADD, and names each difference. */

import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { driverOf } from "./kinds/index.ts";
import type { Output } from "./output.ts";
import { configDirOf } from "./plan/input.ts";
import { type AttachmentPlan, attachmentOf, planOwn } from "./plan/plan.ts";
import { planAll } from "./plan/plan-all.ts";
import { planNamed } from "./plan/plan-named.ts";
import { resolveAgain } from "./plan/resolve-networks.ts";
import { openPod, type Pod } from "./pod.ts";
import { toRecord } from "./record/from-plan.ts";
import type { AttachmentRecord } from "./record/record.ts";
import { lockRecord } from "./record/store.ts";
import type { CheckContext } from "./steps/step.ts";

/** @throws {CniError} 102 with every difference, 7 without a previous result, or a delegated plugin's own error */
export function check(request: Request, output: Output): void {
  const prevResult = requirePrevResult(request);
  using pod = openPod(request, output.trace);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const own = lockRecord(attachmentOf(request))?.record;
  const records = [own, ...companionsOf(request, own)];
  const differences = planAsAdded(request, records).flatMap((plan, index) => {
    const record = records[index];
    const wanted = wantedBy(request, plan, record);
    const context = checkContextOf({ ...output, wanted, record, prevResult, call: request, host, pod });
    return driverOf(wanted.kind).checks.flatMap((step) => step.check?.(context) ?? []);
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
function planAsAdded(request: Request, records: readonly (AttachmentRecord | undefined)[]): AttachmentPlan[] {
  if (records[0] === undefined) return planAll(request);
  const networks = records.flatMap((record) => record?.named ?? []);
  if (networks.length === 0) return [planOwn(request)];
  const configDir = configDirOf(request);
  return planNamed(
    request,
    networks.map((network) => resolveAgain(network, configDir)),
  );
}

/** The record that an ADD of today would write, with the MTU and the virtual function that the attachment got. */
function wantedBy(
  request: Request,
  plan: AttachmentPlan,
  record: AttachmentRecord | undefined,
): AttachmentRecord {
  const link = driverOf(plan.link.kind).recorded(plan);
  return toRecord(plan, {
    ...request,
    pod: record?.pod,
    mtu: plan.config.mtu || record?.mtu,
    addressing: undefined,
    link: record?.vf === undefined ? link : { ...link, vf: record.vf },
    ifnames: [],
    createdAt: record?.createdAt ?? "",
  });
}

/** One interface of a CHECK. */
export interface Checked extends Output, Pick<CheckContext, "wanted" | "record" | "prevResult" | "call"> {
  readonly host: RouteSocket;
  readonly pod: Pod;
}

export function checkContextOf({ pod, ...one }: Checked): CheckContext {
  const { netns, container } = pod;
  const { wanted, prevResult, host } = one;
  const links = driverOf(wanted.kind).findLinks(wanted, prevResult, { host, container });
  return { ...one, netns, container, links };
}

function requirePrevResult({ netconf: { prevResult } }: Request): Result {
  if (prevResult !== undefined) return prevResult;
  throw new CniError(CNI_ERROR.invalidNetconf, "prevResult: missing", "CHECK wants the result of ADD in it");
}
