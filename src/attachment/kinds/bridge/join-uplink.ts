/** The interface of the node that the bridge of a network leads to, with the network's VLAN on it. Shared by its pods. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { portError } from "../../../link/bridge-port.ts";
import {
  access,
  ensureVlanFiltering,
  listPortVlans,
  setPortVlansRequest,
  tagged,
  type VlanRange,
} from "../../../link/bridge-vlan.ts";
import { getLink, type Link, UP } from "../../../link/link.ts";
import { noLinkLocalRequest } from "../../../link/veth.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";
import { FOR_PODS_ALONE, keepAddressMode, requirePort, requireUplink, withUplinkLock } from "../uplink.ts";

export const joinUplink = {
  name: "joinUplink",

  add(context: AddContext<BridgePlan>, bridge: Link): void {
    const { plan, host } = context;
    const { uplink } = plan.link;
    if (uplink === undefined || isJoined(host, uplink, bridge)) return;
    withUplinkLock(plan.link.bridge, () => {
      const link = requireUplink(uplink.uplink, getLink(host, uplink.uplink));
      if (uplink.vlan !== undefined) ensureVlanFiltering(host, bridge); // before: a refusal leaves the uplink alone
      joinBridge(host, link, bridge);
      // Ports keep what the bridge gives them at first, VLAN 1 untagged, for networks without a VLAN.
      const range = vlanOf(uplink, bridge);
      if (range !== undefined) host.request(setPortVlansRequest(link.ifindex, [range]));
    });
  },

  check(context: CheckContext): string[] {
    const { wanted, host, links } = context;
    const { uplink, bridge } = wanted;
    if (uplink === undefined || links.bridge === undefined) return [];
    const link = getLink(host, uplink.ifname);
    if (link === undefined) return [`uplink "${uplink.ifname}" does not exist`];
    return [
      ...(link.master === links.bridge.ifindex ? [] : [`uplink "${link.ifname}" is no port of "${bridge}"`]),
      ...(link.isUp ? [] : [`uplink "${link.ifname}" is down`]),
      ...checkVlan(host, link, vlanOf(uplink, links.bridge)),
    ];
  },
};

/** So for every pod but the first: no lock is needed. */
function isJoined(host: RouteSocket, uplink: NonNullable<BridgePlan["uplink"]>, bridge: Link): boolean {
  const link = requireUplink(uplink.uplink, getLink(host, uplink.uplink));
  const isPort = link.master === bridge.ifindex && link.isUp;
  return isPort && carries(host, link, vlanOf(uplink, bridge));
}

/**
 * What the uplink is to carry for the network: its VLAN with a tag; without one that of the pods' ports, untagged.
 * Undefined where the bridge tells no VLANs apart.
 */
function vlanOf({ vlan }: { readonly vlan?: number }, { filter }: Link): VlanRange | undefined {
  if (vlan !== undefined) return tagged(vlan);
  return filter?.isOn === true && filter.defaultPvid !== 0 ? access(filter.defaultPvid) : undefined;
}

function carries(host: RouteSocket, port: Link, wanted: VlanRange | undefined): boolean {
  if (wanted === undefined) return true;
  return listPortVlans(host, port.ifindex).some(
    ({ first, last, isUntagged, isPvid }) =>
      first <= wanted.first &&
      wanted.first <= last &&
      isUntagged === wanted.isUntagged &&
      (isPvid || !wanted.isPvid),
  );
}

function joinBridge(host: RouteSocket, link: Link, bridge: Link): void {
  const master = bridge.ifindex;
  if (link.master === master && link.isUp) return;
  requirePort(host, link, bridge.ifname);
  host.exchange([noLinkLocalRequest(bridge.ifname)]); // before it has a carrier; without IPv6 there is none
  const join = { message: "RTM_SETLINK", body: { ifi_index: link.ifindex, IFLA_MASTER: master } } as const;
  const refusal = host.exchange([join])[0]?.refusal;
  if (refusal !== undefined) {
    const cause = portError(refusal, bridge.ifname);
    if (refusal.errno !== "EBUSY") throw cause;
    const problem = `uplink "${link.ifname}" carries macvlan interfaces, or something else that takes its frames`;
    throw new CniError(CNI_ERROR.alreadyExists, problem, FOR_PODS_ALONE, { cause });
  }
  keepAddressMode(bridge.ifname, link.ifname);
  host.exchange([noLinkLocalRequest(link.ifname)]);
  host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: link.ifindex } });
}

function checkVlan(host: RouteSocket, link: Link, range: VlanRange | undefined): string[] {
  if (range === undefined || carries(host, link, range)) return [];
  return [`uplink "${link.ifname}" does not carry VLAN ${range.first}${range.isUntagged ? " untagged" : ""}`];
}
