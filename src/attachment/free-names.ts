/** Names that must be free before anything is made. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import { getLink, getLinks, type Link } from "../link/link.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { ifbOf } from "./attachment.ts";
import type { AttachmentPlan } from "./plan/plan.ts";

/** @returns the bridge, if there is one already */
export function requireFreeNames(
  plan: AttachmentPlan,
  host: RouteSocket,
  container: RouteSocket,
): Link | undefined {
  const { ifname } = plan.attachment;
  if (getLink(container, ifname) !== undefined) {
    const problem = `interface "${ifname}" exists already in the container's network namespace`;
    throw new CniError(
      CNI_ERROR.alreadyExists,
      problem,
      "DEL the attachment that it belongs to first, or choose another CNI_IFNAME",
    );
  }
  return plan.link.kind === "bridge" ? requireFreeOnHost(plan, plan.link, host) : undefined;
}

function requireFreeOnHost(
  { attachment, shaping }: AttachmentPlan,
  { bridge: ifname, hostIfname }: { readonly bridge: string; readonly hostIfname: string },
  host: RouteSocket,
): Link | undefined {
  const devices = [hostIfname, ...(shaping?.egress === undefined ? [] : [ifbOf(attachment).ifname])];
  const [bridge, ...taken] = getLinks(host, [ifname, ...devices]);
  const other = taken.find((link) => link !== undefined);
  if (other === undefined) return bridge;
  const problem = `interface "${other.ifname}" exists already on the host${other.ifalias && `: ${other.ifalias}`}`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, "DEL the attachment first");
}
