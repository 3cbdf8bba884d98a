/** What networks by name leave on the node's interfaces, once nobody names or uses it any more. */

import type { Request } from "../cni/request.ts";
import { BRIDGE_ALIAS } from "../link/bridge.ts";
import { deletePortVlansRequest, listPortVlans, tagged } from "../link/bridge-vlan.ts";
import { deleteLink, getLinkByIndex, type Link, listLinks, type RouteSocket } from "../link/link.ts";
import { removeVlanLink, VLAN_ALIAS } from "../link/vlan.ts";
import { unlessErrno } from "../linux/file.ts";
import { listNetworks } from "../network/files.ts";
import type { Network } from "../network/model.ts";
import { sweepUplink } from "../shaping/sweep-uplink.ts";
import { configDirOf } from "./may-be-named.ts";
import { listNetworks as listRecorded, listRecords } from "./record.ts";
import { isUplinkBridge, restoreAddressMode, uplinkBridgeOf, withUplinkLock } from "./uplink.ts";

/**
 * Removes bridges and VLAN interfaces of ours that no network names and no pod uses, and VLANs from uplinks alike.
 * @returns the names of what was removed
 */
export function sweepUplinks(host: RouteSocket, networks: readonly Network[]): string[] {
  const uplinks = new Set(networks.flatMap(({ attach }) => (attach.kind === "sriov" ? [] : [attach.uplink])));
  return listLinks(host).flatMap((link) => {
    if (uplinks.has(link.ifname)) return sweepClasses(host, link);
    if (link.ifalias === BRIDGE_ALIAS && isUplinkBridge(link.ifname))
      return sweepBridge(host, link, networks);
    return link.ifalias === VLAN_ALIAS ? sweepVlan(host, link, networks) : [];
  });
}

/** The same for a GC; nothing where a network's file is wrong: it may be the one that has the uplink. */
export function sweepNode(host: RouteSocket, request: Request): void {
  const { networks, faults } = listNetworks(configDirOf(request));
  if (faults.length === 0) sweepUplinks(host, networks);
}

/** Classes of pods that have no record: a killed process may have left them. */
function sweepClasses(host: RouteSocket, uplink: Link): string[] {
  return withUplinkLock(uplinkBridgeOf(uplink.ifname), () => {
    const macs = listRecorded()
      .flatMap(listRecords)
      .flatMap((record) => (record.uplink?.ifname === uplink.ifname ? [record.uplink.mac] : []));
    const count = sweepUplink(host, uplink.ifindex, (mac) => macs.includes(mac));
    return count === 0 ? [] : [`${count} classes of ${uplink.ifname}`];
  });
}

function sweepBridge(host: RouteSocket, bridge: Link, networks: readonly Network[]): string[] {
  const own = networks.filter(
    ({ attach }) => attach.kind === "bridge" && uplinkBridgeOf(attach.uplink) === bridge.ifname,
  );
  return withUplinkLock(bridge.ifname, () => {
    const ports = listLinks(host).filter((link) => link.master === bridge.ifindex);
    const uplink = ports.find(({ ifname }) => uplinkBridgeOf(ifname) === bridge.ifname);
    if (ports.some((port) => port !== uplink)) return [];
    const mayHaveVlans = bridge.filter !== undefined; // else this kernel cannot even be asked
    if (own.length > 0) return uplink === undefined || !mayHaveVlans ? [] : dropVlans(host, uplink, own);
    const isGone = deleteLink(host, bridge.ifindex);
    if (uplink !== undefined) restoreAddressMode(bridge.ifname, uplink.ifname);
    return isGone ? [bridge.ifname] : [];
  });
}

/** Without pods on the bridge, only the networks' own VLANs have to pass. */
function dropVlans(host: RouteSocket, uplink: Link, networks: readonly Network[]): string[] {
  const stale: number[] = [];
  const carried = unlessErrno(() => listPortVlans(host, uplink.ifindex), [], "EOPNOTSUPP"); // no VLANs in this kernel
  for (const { first, last, isUntagged } of carried) {
    for (let vlan = first; vlan <= last && !isUntagged; vlan++)
      if (!networks.some((network) => network.vlan === vlan)) stale.push(vlan);
  }
  const ranges = stale.map((vlan) => tagged(vlan));
  if (stale.length > 0) host.request(deletePortVlansRequest(uplink.ifindex, ranges));
  return stale.map((vlan) => `VLAN ${vlan} of ${uplink.ifname}`);
}

/** VLAN interfaces below macvlan ones: those live in the pods, so that only the records tell who uses one. */
function sweepVlan(host: RouteSocket, link: Link, networks: readonly Network[]): string[] {
  const uplink = getLinkByIndex(host, link.peer).ifname;
  const vlan = link.tag?.vlan;
  return withUplinkLock(uplinkBridgeOf(uplink), () => {
    const isNamed = networks.some(
      ({ attach, ...network }) =>
        attach.kind === "macvlan" && attach.uplink === uplink && network.vlan === vlan,
    );
    const records = isNamed ? [] : listRecorded().flatMap(listRecords);
    const isUsed = records.some((record) => record.uplink?.ifname === uplink && record.uplink.vlan === vlan);
    return !isNamed && !isUsed && removeVlanLink(host, link.ifname) ? [link.ifname] : [];
  });
}
