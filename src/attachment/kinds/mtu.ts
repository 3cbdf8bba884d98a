/** The MTU of a pod's interface: what was asked for, or that of the interface that its packets leave by. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { Link } from "../../link/link.ts";
import { defaultRouteMtu } from "../../link/route.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { AttachmentPlan } from "../plan/plan.ts";

const DEFAULT_MTU = 1500; // bytes, Ethernet

/** Of an attachment whose packets the node routes; bytes. */
export function routedMtu({ config }: AttachmentPlan, host: RouteSocket): number {
  return config.mtu || (defaultRouteMtu(host) ?? DEFAULT_MTU);
}

/** Of an attachment on an uplink; bytes. @throws {CniError} 7: more than the uplink takes */
export function uplinkMtu({ config, resolved }: AttachmentPlan, uplink: Link): number {
  if (config.mtu <= uplink.mtu) return config.mtu || uplink.mtu;
  const problem = `network "${resolved?.network.name}": MTU ${config.mtu} is more than ${uplink.mtu}, that of its uplink "${uplink.ifname}"`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    `ip link set dev ${uplink.ifname} mtu ${config.mtu}, or a smaller one in the network's file`,
  );
}
