/** One attachment of an ADD: its claim, its steps, and how to take it back. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { getLink, type Link } from "../link/link.ts";
import { defaultRouteMtu } from "../link/route.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { claimAttachment } from "./claim.ts";
import { claimAfterDead } from "./dead-holders.ts";
import { removalOf } from "./del.ts";
import { forget } from "./forget.ts";
import { requireFreeNames } from "./free-names.ts";
import type { Output } from "./output.ts";
import type { AttachmentPlan } from "./plan/plan.ts";
import type { Pod } from "./pod.ts";
import { factsOf } from "./removal.ts";
import { toResult } from "./result.ts";
import { type Adding, addAll, delAll, type Removal, StepError } from "./step.ts";
import { stepsOf } from "./steps-of.ts";
import { requirePort, requireUplink } from "./uplink.ts";
import { requireWholePackets } from "./whole-packets.ts";

const DEFAULT_MTU = 1500;

export interface Attached {
  readonly result: Result;
  undo(host: RouteSocket): void;
}

export interface Attaching extends Output {
  readonly request: Request;
  readonly plan: AttachmentPlan;
  /** All of the same ADD, the runtime's interface first. */
  readonly plans: readonly AttachmentPlan[];
  readonly pod: Pod;
  readonly host: RouteSocket;
}

/** @throws {StepError} and what stands before the first step; nothing is left of what was begun */
export function attach({ pod, plans, ...given }: Attaching): Attached {
  const { request, plan, host, report, trace } = given;
  const bridge = requireFreeNames(plan, host, pod.container);
  const mtu = mtuOf(plan, uplinkOf(plan, host, bridge), host);
  requireWholePackets(plan.shaping, mtu);
  const claim = claimAfterDead({ plan, path: request.path, report, trace }, () =>
    claimAttachment({ ...given, plans, mtu }),
  );
  const found = { bridge, ips: [], routes: [], dns: plan.config.dns ?? {} };
  const adding: Adding = {
    report,
    trace,
    request,
    plan,
    claim,
    host,
    ...pod,
    mtu,
    found,
  };
  const removal = removalOfAdding(adding);
  try {
    addAll(stepsOf(plan.link.kind), adding, removal);
  } catch (error) {
    if (!(error instanceof StepError) || error.leftovers.length === 0) forget(plan.attachment, claim.record);
    throw error;
  }
  return { result: toResult(adding), undo: (again) => undo({ ...removal, host: again }) };
}

/** The interface of the node that the pods of a network share; undefined where they share none. */
function uplinkOf({ link }: AttachmentPlan, host: RouteSocket, bridge: Link | undefined): Link | undefined {
  if (link.kind === "sriov" || link.uplink === undefined) return undefined;
  const ifname = link.uplink.uplink;
  const uplink = requireUplink(ifname, getLink(host, ifname));
  const isPort = bridge !== undefined && uplink.master === bridge.ifindex;
  if (link.kind === "bridge" && !isPort) requirePort(host, uplink, link.bridge);
  return uplink;
}

/** What was asked for; else that of the uplink, or of the interface that leads to the world. */
function mtuOf(
  { config, link, resolved }: AttachmentPlan,
  uplink: Link | undefined,
  host: RouteSocket,
): number {
  if (link.kind === "sriov") return config.mtu;
  if (uplink === undefined) return config.mtu || (defaultRouteMtu(host) ?? DEFAULT_MTU);
  if (config.mtu <= uplink.mtu) return config.mtu || uplink.mtu;
  const problem = `network "${resolved?.network.name}": MTU ${config.mtu} is more than ${uplink.mtu}, that of its uplink "${uplink.ifname}"`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    `ip link set dev ${uplink.ifname} mtu ${config.mtu}, or a smaller one in the network's file`,
  );
}

/** The removal of what this ADD makes: from the record alone, as a later DEL would have it. */
function removalOfAdding({ request, plan, claim, host, report, trace }: Adding): Removal {
  const { attachment } = plan;
  const facts = { ...factsOf(attachment, request.netns, request.path), delegation: request };
  const sockets = { host, netfilter: new LazySocket(netfilter, { trace }), report, trace };
  return removalOf(attachment, claim.record, { ...facts, ...sockets });
}

/** For a result that is not delivered: nobody would know of the attachment. */
function undo(removal: Removal): void {
  const { record } = removal;
  if (record === undefined) return;
  const leftovers = delAll(stepsOf(record.kind), removal);
  if (leftovers.length === 0) forget(removal.attachment, record);
  for (const { step, cause } of leftovers)
    removal.report(`left behind, DEL will try again: ${step}: ${String(cause)}`);
}
