/** What networks by name leave on the node's interfaces, once nobody names or uses it any more. */

import { type Link, listLinks } from "../../link/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { type Network, uplinkOf } from "../../network/model.ts";
import { sweepUplink } from "../../shaping/sweep-uplink.ts";
import { sweepsOfKinds } from "../kinds/index.ts";
import { uplinkBridgeOf, withUplinkLock } from "../kinds/uplink.ts";
import { listRecords } from "../record/list.ts";

/**
 * Removes bridges and VLAN interfaces of ours that no network names and no pod uses, and VLANs from uplinks alike.
 * @returns the names of what was removed
 */
export function sweepUplinks(host: RouteSocket, networks: readonly Network[]): string[] {
  const uplinks = new Set(networks.map(({ attach }) => uplinkOf(attach)));
  const sweeps = sweepsOfKinds();
  return listLinks(host).flatMap((link) =>
    uplinks.has(link.ifname)
      ? sweepClasses(host, link)
      : sweeps.flatMap((sweep) => sweep(host, link, networks)),
  );
}

/** Classes of pods that have no record: a killed process may have left them. */
function sweepClasses(host: RouteSocket, uplink: Link): string[] {
  return withUplinkLock(uplinkBridgeOf(uplink.ifname), () => {
    const macs = listRecords().flatMap((record) =>
      record.uplink?.ifname === uplink.ifname ? [record.uplink.mac] : [],
    );
    const count = sweepUplink(host, uplink.ifindex, (mac) => macs.includes(mac));
    return count === 0 ? [] : [`${count} classes of ${uplink.ifname}`];
  });
}
