/** Each step of a living attachment held against the kernel, without a runtime that asks for it. */

import { type Checked, checkingOf, planAsAdded } from "../attachment/check.ts";
import { toCniError } from "../attachment/errors.ts";
import type { Output } from "../attachment/output.ts";
import type { AttachmentPlan } from "../attachment/plan/plan.ts";
import { openPod } from "../attachment/pod.ts";
import { type AttachmentRecord, lockRecord } from "../attachment/record.ts";
import { listRecords } from "../attachment/records.ts";
import { removalRequestOf } from "../attachment/removal-request.ts";
import { stepsOf } from "../attachment/steps-of.ts";
import { toFields } from "../cni/json.ts";
import { decodeNetConf } from "../cni/netconf/netconf.ts";
import type { Request } from "../cni/request.ts";
import { EMPTY_RESULT } from "../cni/result.ts";
import { getLink } from "../link/link.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { readCachedCall } from "./cached-call.ts";
import { planRecorded, resultRecorded } from "./plan-recorded.ts";

export interface InspectedStep {
  readonly step: string;
  /** In words; none: all is as it was made. */
  readonly differences: readonly string[];
}

export interface Inspection {
  /** Who knows how it was made: the runtime all of it, the record what a removal needs. */
  readonly source: "runtime" | "record";
  readonly steps: readonly InspectedStep[];
}

/** @throws {CniError} 8: its network namespace is gone; 7: its network or tier is */
export function inspect(record: AttachmentRecord, configDir: string, output: Output): Inspection {
  const open = lockRecord(record); // an ADD or DEL of it comes before or after
  try {
    const cached = readCachedCall(record);
    const request = cached ?? recordedRequest(record, configDir);
    using pod = openPod(request, output.trace);
    using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
    const plan = planOf(record, request, {
      host,
      container: pod.container,
      isCached: cached !== undefined,
    });
    const prevResult =
      cached === undefined ? resultRecorded(record, plan) : (cached.netconf.prevResult ?? EMPTY_RESULT);
    const steps = inspectSteps({ ...output, request, plan, record, prevResult, host, pod });
    return { source: cached === undefined ? "record" : "runtime", steps };
  } finally {
    open?.unlock();
  }
}

function inspectSteps(checked: Checked): InspectedStep[] {
  const checking = checkingOf(checked);
  return stepsOf(checked.plan.link.kind).flatMap(({ name: step, check }) => {
    if (check === undefined) return [];
    try {
      return [{ step, differences: check(checking) }];
    } catch (error) {
      return [{ step, differences: [`could not be looked at: ${toCniError(error).message}`] }];
    }
  });
}

/** As a runtime would make it of what the record tells. */
function recordedRequest(record: AttachmentRecord, configDir: string): Request {
  const request = removalRequestOf({ ...record, ifname: record.primary ?? record.ifname }, record.netns, []);
  const fields = toFields({ path: "", value: { configDir } });
  return { ...request, netconf: decodeNetConf(fields, request) };
}

interface Around {
  readonly host: RouteSocket;
  readonly container: RouteSocket;
  readonly isCached: boolean;
}

function planOf(
  record: AttachmentRecord,
  request: Request,
  { host, container, isCached }: Around,
): AttachmentPlan {
  const group = groupOf(record);
  const plan =
    isCached || record.named !== undefined
      ? planAsAdded(request, group)[group.findIndex(({ ifname }) => ifname === record.ifname)]
      : undefined;
  if (plan !== undefined) return plan;
  const hostEnd = record.hostIfname === "" ? undefined : getLink(host, record.hostIfname);
  return planRecorded(record, { host: hostEnd, container: getLink(container, record.ifname) });
}

/** The attachments of one ADD, the runtime's interface first. */
function groupOf(record: AttachmentRecord): AttachmentRecord[] {
  const ifname = record.primary ?? record.ifname;
  const same = listRecords(record.network).filter(({ containerId }) => containerId === record.containerId);
  const primary = same.find((candidate) => candidate.ifname === ifname) ?? record;
  const names = [primary.ifname, ...(primary.companions ?? [])];
  return names.flatMap((name) => same.find((candidate) => candidate.ifname === name) ?? []);
}
