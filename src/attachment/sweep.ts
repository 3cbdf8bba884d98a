/** What networks by name leave on the node's interfaces, once nobody names or uses it any more. */

import { BRIDGE_ALIAS } from "../link/bridge.ts";
import { deletePortVlansRequest, listPortVlans, tagged } from "../link/bridge-vlan.ts";
import { deleteLink, type Link, listLinks, type RouteSocket } from "../link/link.ts";
import { removeVlanLink, VLAN_ALIAS } from "../link/vlan.ts";
import type { Network } from "../network/model.ts";
import { listNetworks as listRecorded, listRecords } from "./record.ts";
import { uplinkBridgeOf, withUplinkLock } from "./uplink.ts";

/**
 * Removes bridges and VLAN interfaces of ours that no network names and no pod uses, and VLANs from uplinks alike.
 * @returns the names of what was removed
 */
export function sweepUplinks(host: RouteSocket, networks: readonly Network[]): string[] {
  const links = listLinks(host);
  return links.flatMap((uplink) => [
    ...sweepBridge(host, uplink, { links, networks }),
    ...sweepVlans(host, uplink, { links, networks }),
  ]);
}

interface Known {
  readonly links: readonly Link[];
  readonly networks: readonly Network[];
}

function sweepBridge(host: RouteSocket, uplink: Link, { links, networks }: Known): string[] {
  const ifname = uplinkBridgeOf(uplink.ifname);
  const bridge = links.find((link) => link.ifname === ifname);
  if (bridge?.ifalias !== BRIDGE_ALIAS || uplink.master !== bridge.ifindex) return [];
  const vlans = networks.flatMap(({ attach, vlan }) =>
    attach.kind === "bridge" && attach.uplink === uplink.ifname ? [vlan] : [],
  );
  return withUplinkLock(uplink.ifname, () => {
    const hasPods = listLinks(host).some(
      (link) => link.master === bridge.ifindex && link.ifindex !== uplink.ifindex,
    );
    if (hasPods) return [];
    if (vlans.length > 0) return dropVlans(host, uplink, vlans);
    deleteLink(host, bridge.ifindex);
    return [ifname];
  });
}

function dropVlans(host: RouteSocket, uplink: Link, vlans: readonly (number | undefined)[]): string[] {
  const carried = listPortVlans(host, uplink.ifindex).filter(({ isUntagged }) => !isUntagged);
  const numbers = carried.flatMap(({ first, last }) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index),
  );
  const stale = numbers.filter((vlan) => !vlans.includes(vlan));
  if (stale.length > 0)
    host.request(
      deletePortVlansRequest(
        uplink.ifindex,
        stale.map((vlan) => tagged(vlan)),
      ),
    );
  return stale.map((vlan) => `VLAN ${vlan} of ${uplink.ifname}`);
}

/** VLAN interfaces below macvlan ones: those live in the pods, so that only the records tell who uses one. */
function sweepVlans(host: RouteSocket, uplink: Link, { links, networks }: Known): string[] {
  const own = links.filter((link) => link.ifalias === VLAN_ALIAS && link.peer === uplink.ifindex);
  if (own.length === 0) return [];
  return withUplinkLock(uplink.ifname, () => {
    const used = usedVlans(uplink.ifname, networks);
    const idle = own.filter(({ tag }) => tag !== undefined && !used.has(tag.vlan));
    return idle.filter((link) => removeVlanLink(host, link.ifname)).map((link) => link.ifname);
  });
}

function usedVlans(ifname: string, networks: readonly Network[]): Set<number> {
  const named = networks.flatMap(({ attach, vlan }) =>
    attach.kind === "macvlan" && attach.uplink === ifname && vlan !== undefined ? [vlan] : [],
  );
  const held = listRecorded()
    .flatMap(listRecords)
    .flatMap(({ uplink }) => (uplink?.ifname === ifname && uplink.vlan !== undefined ? [uplink.vlan] : []));
  return new Set([...named, ...held]);
}
