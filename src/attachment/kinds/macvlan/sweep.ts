/** What networks with a VLAN leave on uplinks, once nobody names or uses them any more. */

import { getLinkByIndex, type Link } from "../../../link/link.ts";
import { removeVlanLink, VLAN_ALIAS } from "../../../link/vlan.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { uplinkUseOf } from "../../../network/format/attach/kinds.ts";
import { type Network, uplinkOf } from "../../../network/model.ts";
import { listRecords } from "../../record/list.ts";
import { uplinkBridgeOf, withUplinkLock } from "../uplink.ts";

/**
 * Removes a VLAN interface below those of pods, which live in the pods, so that only the records tell who uses it.
 * @returns its name, if it was removed
 */
export function sweepVlan(host: RouteSocket, link: Link, networks: readonly Network[]): string[] {
  if (link.ifalias !== VLAN_ALIAS) return [];
  const uplink = getLinkByIndex(host, link.peer).ifname;
  const vlan = link.tag?.vlan;
  return withUplinkLock(uplinkBridgeOf(uplink), () => {
    const isNamed = networks.some(
      ({ attach, ...network }) =>
        uplinkUseOf(attach) === "lower device" && uplinkOf(attach) === uplink && network.vlan === vlan,
    );
    const records = isNamed ? [] : listRecords();
    const isUsed = records.some((record) => record.uplink?.ifname === uplink && record.uplink.vlan === vlan);
    return !isNamed && !isUsed && removeVlanLink(host, link.ifname) ? [link.ifname] : [];
  });
}
