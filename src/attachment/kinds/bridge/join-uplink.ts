/** The interface of the node that the bridge of a network leads to, with the network's VLAN on it. Shared by its pods. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { portError } from "../../../link/bridge-port.ts";
import {
  ensureVlanFiltering,
  listPortVlans,
  setPortVlansRequest,
  tagged,
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
      if (uplink.vlan !== undefined) host.request(setPortVlansRequest(link.ifindex, [tagged(uplink.vlan)]));
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
      ...checkVlan(context, link),
    ];
  },
};

/** So for every pod but the first: no lock is needed. */
function isJoined(
  host: RouteSocket,
  { uplink, vlan }: NonNullable<BridgePlan["uplink"]>,
  bridge: Link,
): boolean {
  const link = requireUplink(uplink, getLink(host, uplink));
  const isPort = link.master === bridge.ifindex && link.isUp;
  return isPort && (vlan === undefined || hasVlan(host, link, vlan));
}

function hasVlan(host: RouteSocket, port: Link, vlan: number): boolean {
  return listPortVlans(host, port.ifindex).some(
    ({ first, last, isUntagged }) => first <= vlan && vlan <= last && !isUntagged,
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

function checkVlan({ wanted, host }: CheckContext, link: Link): string[] {
  const vlan = wanted.uplink?.vlan;
  if (vlan === undefined || hasVlan(host, link, vlan)) return [];
  return [`uplink "${link.ifname}" does not carry VLAN ${vlan}`];
}
