/** What networks on uplinks leave of bridges, once nobody names or uses them any more. */

import { BRIDGE_ALIAS } from "../../../link/bridge.ts";
import { deletePortVlansRequest, listPortVlans, tagged, type VlanRange } from "../../../link/bridge-vlan.ts";
import { deleteLink, type Link, listLinks } from "../../../link/link.ts";
import { ignoringErrno } from "../../../linux/error.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { Network } from "../../../network/model.ts";
import { isUplinkBridge, restoreAddressMode, uplinkBridgeOf, withUplinkLock } from "../uplink.ts";

/**
 * Removes the bridge if no network names it and no pod uses it, else the VLANs of its uplink that nobody has.
 * @returns the names of what was removed
 */
export function sweepBridge(host: RouteSocket, bridge: Link, networks: readonly Network[]): string[] {
  if (bridge.ifalias !== BRIDGE_ALIAS || !isUplinkBridge(bridge.ifname)) return [];
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
