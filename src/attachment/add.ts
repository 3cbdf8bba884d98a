/** ADD: from a request to a pod with a network and the result that says so, or to nothing at all. */

import { findPlugin } from "../cni/delegate.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import type { Request } from "../cni/request.ts";
import type { Result } from "../cni/result.ts";
import { getLink, getLinks, type Link, type RouteSocket } from "../link/link.ts";
import { defaultRouteMtu } from "../link/route.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { requireAllowed } from "./allowlist.ts";
import { ifbOf } from "./attachment.ts";
import { bridgeSteps } from "./bridge-steps.ts";
import { claimAttachment } from "./claim.ts";
import type { Output } from "./output.ts";
import { type AttachmentPlan, planAttachment } from "./plan.ts";
import { openPod } from "./pod.ts";
import { removeRecord } from "./record.ts";
import { type Adding, addAll, delAll, type Removal, StepError } from "./step.ts";
import { requireWholePackets } from "./whole-packets.ts";

const DEFAULT_MTU = 1500;

/** A finished ADD, and how to take it back if the runtime cannot be told of it. */
export interface Attached {
  readonly result: Result;
  undo(): void;
}

/** @throws {CniError} or what the kernel or a step said; nothing is left of what was begun */
export function add(request: Request, output: Output): Attached {
  const plan = planAttachment(request);
  requireAllowed(plan.settings.sysctls);
  // Before there is a record: it would wait for ever for a plugin that cannot take anything back.
  if (plan.addressing.kind === "delegate") findPlugin(plan.addressing.plugin, request.path);
  using pod = openPod(request, output.trace);
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  const { netns, container } = pod;
  const bridge = requireFreeNames(plan, host, container);
  const mtu = plan.config.mtu || (defaultRouteMtu(host) ?? DEFAULT_MTU);
  requireWholePackets(plan.shaping, mtu);
  const claim = claimAttachment(request, plan, mtu, output);
  const found = { bridge, ips: [], routes: [], dns: plan.config.dns ?? {} };
  const adding: Adding = { ...output, request, plan, claim, host, netns, container, mtu, found };
  const removal = removalOf(adding);
  try {
    addAll(bridgeSteps, adding, removal);
  } catch (error) {
    if (!(error instanceof StepError) || error.leftovers.length === 0) removeRecord(plan.attachment);
    throw error;
  }
  return { result: toResult(adding), undo: () => undo(removal) };
}

/** Refuses before anything is made where a name is taken; gives the bridge if there is one already. */
function requireFreeNames(plan: AttachmentPlan, host: RouteSocket, container: RouteSocket): Link | undefined {
  const devices = [
    plan.hostIfname,
    ...(plan.shaping?.egress === undefined ? [] : [ifbOf(plan.attachment).ifname]),
  ];
  const [bridge, ...taken] = getLinks(host, [plan.config.bridge, ...devices]);
  const { ifname } = plan.attachment;
  if (getLink(container, ifname) !== undefined) {
    const problem = `interface "${ifname}" exists already in the container's network namespace`;
    throw new CniError(
      CNI_ERROR.alreadyExists,
      problem,
      "DEL the attachment that it belongs to first, or choose another CNI_IFNAME",
    );
  }
  const other = taken.find((link) => link !== undefined);
  if (other !== undefined) {
    const problem = `interface "${other.ifname}" exists already on the host${other.ifalias && `: ${other.ifalias}`}`;
    throw new CniError(CNI_ERROR.alreadyExists, problem, "DEL the attachment first");
  }
  return bridge;
}

/** The removal of what this ADD makes: from request and record alone, as a later DEL would have it. */
function removalOf({ request, plan, claim, host, report, trace }: Adding): Removal {
  const { record } = claim;
  return {
    request,
    attachment: plan.attachment,
    record,
    prevResult: undefined,
    host,
    netfilter: new LazySocket(netfilter, { trace }),
    netns: request.netns,
    addressing: record.addressing,
    report,
    trace,
  };
}

/** For a result that could not be delivered: nobody would know of the attachment. */
function undo(removal: Removal): void {
  using host = NetlinkSocket.open(rtnetlink, { trace: removal.trace });
  if (delAll(bridgeSteps, { ...removal, host }).length === 0) removeRecord(removal.attachment);
}

function toResult({ plan, netns, mtu, found }: Adding): Result {
  const { attachment, hostIfname, hostMac, containerMac } = plan;
  return {
    interfaces: [
      { name: plan.config.bridge, mac: found.bridge?.mac ?? "", mtu: found.bridge?.mtu ?? mtu },
      { name: hostIfname, mac: found.host?.mac ?? hostMac, mtu },
      { name: attachment.ifname, mac: containerMac, mtu, sandbox: netns.path },
      ...(found.ifb === undefined
        ? []
        : [{ name: found.ifb.ifname, mac: found.ifb.mac, mtu: found.ifb.mtu }]),
    ],
    ips: found.ips,
    routes: found.routes,
    dns: found.dns,
  };
}
