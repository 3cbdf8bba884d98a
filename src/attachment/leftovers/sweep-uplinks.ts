/** What networks by name leave on the node's interfaces, once nobody names or uses it any more. */

import { BRIDGE_ALIAS } from "../../link/bridge.ts";
import { deletePortVlansRequest, listPortVlans, tagged, type VlanRange } from "../../link/bridge-vlan.ts";
import { deleteLink, getLinkByIndex, type Link, listLinks } from "../../link/link.ts";
import { removeVlanLink, VLAN_ALIAS } from "../../link/vlan.ts";
import { ignoringErrno } from "../../linux/error.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { Network } from "../../network/model.ts";
import { sweepUplink } from "../../shaping/sweep-uplink.ts";
import { isUplinkBridge, restoreAddressMode, uplinkBridgeOf, withUplinkLock } from "../kinds/uplink.ts";
import { listRecords } from "../record/list.ts";

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

function sweepBridge(host: RouteSocket, bridge: Link, networks: readonly Network[]): string[] {
  const own = networks.filter(
    ({ attach }) => attach.kind === "bridge" && uplinkBridgeOf(attach.uplink) === bridge.ifname,
  );
  return withUplinkLock(bridge.ifname, () => {
    const ports = listLinks(host).filter((link) => link.master === bridge.ifindex);
    const uplink = ports.find(({ ifname }) => uplinkBridgeOf(ifname) === bridge.ifname);
    const pods = ports.filter((port) => port !== uplink);
    const mayHaveVlans = bridge.filter !== undefined; // else this kernel cannot even be asked
    if (own.length > 0)
      return uplink === undefined || !mayHaveVlans ? [] : dropVlans(host, { uplink, pods }, own);
    if (pods.length > 0) return [];
    const isGone = deleteLink(host, bridge.ifindex);
    if (uplink !== undefined) restoreAddressMode(bridge.ifname, uplink.ifname);
    return isGone ? [bridge.ifname] : [];
  });
}

/** The interfaces that are ports of one bridge. */
interface Ports {
  readonly uplink: Link;
  readonly pods: readonly Link[];
}

/** The VLANs of networks have to pass, and those that a pod is in still. */
function dropVlans(host: RouteSocket, { uplink, pods }: Ports, networks: readonly Network[]): string[] {
  const tags = rangesOf(host, uplink).filter(({ isUntagged }) => !isUntagged);
  const carried = tags.flatMap(vlansIn);
  if (carried.length === 0) return [];
  const inPods = pods.flatMap((pod) => rangesOf(host, pod).flatMap(vlansIn));
  const used = new Set([...networks.map(({ vlan }) => vlan), ...inPods]);
  const stale = carried.filter((vlan) => !used.has(vlan));
  const ranges = stale.map((vlan) => tagged(vlan));
  if (stale.length > 0) host.request(deletePortVlansRequest(uplink.ifindex, ranges));
  return stale.map((vlan) => `VLAN ${vlan} of ${uplink.ifname}`);
}

function rangesOf(host: RouteSocket, port: Link): readonly VlanRange[] {
  return ignoringErrno(() => listPortVlans(host, port.ifindex), [], "EOPNOTSUPP", "ENODEV"); // a kernel without VLANs; a pod that has gone
}

function vlansIn({ first, last }: VlanRange): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
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
    const records = isNamed ? [] : listRecords();
    const isUsed = records.some((record) => record.uplink?.ifname === uplink && record.uplink.vlan === vlan);
    return !isNamed && !isUsed && removeVlanLink(host, link.ifname) ? [link.ifname] : [];
  });
}
