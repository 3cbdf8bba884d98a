/** The end of the node's interfaces in VLANs of bridges: with the last pod of the VLAN. */

import { deleteLink, getLink, getLinkByIndex, type Link, listLinks } from "../../link/link.ts";
import { findPort, GATEWAY_ALIAS, vlanOf } from "../../link/vlan-gateway.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { withUplinkLock } from "../kinds/uplink.ts";
import { hasPods, type Ingress } from "../rules/ingress.ts";

/** Removes the VLAN's gateway where it is ours and no pod of the VLAN is left; false where not. */
export function withdrawGateway(host: RouteSocket, ingress: Ingress): boolean {
  if (!isOurs(getLink(host, ingress.ifname))) return false;
  // A pod's port is there before its gateway is asked for: whoever removes at the same time sees it, or comes first.
  return withUplinkLock(ingress.bridge, () => {
    const link = getLink(host, ingress.ifname);
    return isOurs(link) && !hasPods(host, ingress) && deleteLink(host, link.ifindex);
  });
}

/** Removes all gateways of ours whose VLANs have no pods; gives their names. */
export function sweepGateways(host: RouteSocket): string[] {
  const gone = listLinks(host).filter((link) => isOurs(link) && withdrawGateway(host, ingressAt(host, link)));
  return gone.map(({ ifname }) => ifname);
}

function isOurs(link: Link | undefined): link is Link {
  return link?.ifalias === GATEWAY_ALIAS;
}

/** Of one without a bridge, one that has no pods. */
function ingressAt(host: RouteSocket, link: Link): Ingress {
  const port = findPort(host, link);
  if (port === undefined || port.master === 0) return { ifname: link.ifname, bridge: "" };
  const vlan = vlanOf(host, port);
  return {
    ifname: link.ifname,
    bridge: getLinkByIndex(host, port.master).ifname,
    ...(vlan === undefined ? {} : { vlan }),
  };
}
