/** STATUS of networks by name: the default one, or that of the configuration. */

import type { Request } from "../cni/request.ts";
import { getLink } from "../link/link.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { CLAIMS_ROOT, lockClaims } from "../sriov/claims.ts";
import { isDueToDead } from "./dead-holders.ts";
import { toCniError } from "./errors.ts";
import type { Output } from "./output.ts";
import type { HostLocal } from "./plan/ipam.ts";
import type { LinkPlan } from "./plan/plan.ts";
import { planNamed } from "./plan/plan-named.ts";
import { resolveNetworks } from "./plan/resolve-networks.ts";
import { requireUplink, whyNoPort } from "./uplink.ts";
import { pickVf } from "./vf-choice.ts";

/** Why the next pod would get no network; undefined where it would be on the configuration's own bridge. */
export function checkNamed(
  request: Request,
  checkPool: (pool: HostLocal) => string[],
  output: Output,
): string[] | undefined {
  const networks = resolveNetworks(request);
  if (networks === undefined) return undefined;
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  return planNamed(request, networks).flatMap(({ addressing, link, resolved: one }) => {
    const minMbps = one?.tier.minBandwidthMbps ?? 0;
    const pool = addressing.kind === "host-local" ? checkPool(addressing) : [];
    return [...pool, ...checkLink(link, minMbps, host)].map(
      (reason) => `network "${one?.network.name}": ${reason}`,
    );
  });
}

/** Uplink or virtual function that the next pod would get. */
function checkLink(link: LinkPlan, minMbps: number, host: RouteSocket): string[] {
  try {
    if (link.kind === "sriov") {
      using lock = lockClaims(CLAIMS_ROOT);
      pickVf(link, minMbps, { host, lock });
    } else if (link.uplink !== undefined) {
      const uplink = requireUplink(link.uplink.uplink, getLink(host, link.uplink.uplink));
      const reason = link.kind === "bridge" ? whyNoPort(host, uplink, link.bridge) : undefined;
      return reason === undefined ? [] : [`uplink "${uplink.ifname}" ${reason}`];
    }
    return [];
  } catch (error) {
    return isDueToDead(error, link) ? [] : [toCniError(error).message];
  }
}
