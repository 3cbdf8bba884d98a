/** What an attachment to a bridge finds on the node before anything is made. */

import { getLink, type Link } from "../../../link/link.ts";
import { ifbOf } from "../../attachment.ts";
import type { AttachmentPlan, BridgePlan } from "../../plan/plan.ts";
import type { PodSockets, Prepared } from "../driver.ts";
import { routedMtu, uplinkMtu } from "../mtu.ts";
import { requireFreeInPod, requireFreeOnHost } from "../names.ts";
import { requirePort, requireUplink } from "../uplink.ts";

export interface BridgeFound extends Prepared {
  /** Undefined where this ADD is to make it. */
  readonly bridge: Link | undefined;
  readonly mtu: number;
}

/** @throws {CniError} 100: a name is taken, or the uplink is not for pods; 7: there is no uplink */
export function prepareBridge(
  plan: AttachmentPlan<BridgePlan>,
  { host, container }: PodSockets,
): BridgeFound {
  const { attachment, shaping, link } = plan;
  requireFreeInPod(container, attachment.ifname);
  const devices = shaping?.egress === undefined ? [] : [ifbOf(attachment).ifname];
  const bridge = requireFreeOnHost(host, [link.bridge, link.hostIfname, ...devices]);
  if (link.uplink === undefined) return { bridge, mtu: routedMtu(plan, host) };
  const { uplink: ifname } = link.uplink;
  const uplink = requireUplink(ifname, getLink(host, ifname));
  const isPort = bridge !== undefined && uplink.master === bridge.ifindex;
  if (!isPort) requirePort(host, uplink, link.bridge);
  return { bridge, mtu: uplinkMtu(plan, uplink) };
}
