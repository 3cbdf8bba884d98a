/** The interface of the node that the bridge of a network leads to, with the network's VLAN on it. Shared by its pods. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { ensureVlanFiltering, listPortVlans, setPortVlansRequest, tagged } from "../../link/bridge-vlan.ts";
import { getLink, type Link, UP } from "../../link/link.ts";
import { noLinkLocalRequest } from "../../link/veth.ts";
import { isErrno } from "../../linux/error.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { BridgePlan } from "../plan/plan.ts";
import type { Adding, Checking, Step } from "../step.ts";
import { FOR_PODS_ALONE, keepAddressMode, requirePort, requireUplink, withUplinkLock } from "../uplink.ts";

export const joinUplink: Step<BridgePlan> = {
  name: "joinUplink",

  add(adding) {
    const { plan, host } = adding;
    const { uplink } = plan.link;
    if (uplink === undefined || isJoined(adding)) return;
    withUplinkLock(plan.link.bridge, () => {
      const link = requireUplink(uplink.uplink, getLink(host, uplink.uplink));
      joinBridge(adding, link);
      if (uplink.vlan !== undefined) carryVlan(adding, link, uplink.vlan);
    });
  },

  check(checking) {
    const { plan, host, links } = checking;
    const { uplink, bridge } = plan.link;
    if (uplink === undefined || links.bridge === undefined) return [];
    const link = getLink(host, uplink.uplink);
    if (link === undefined) return [`uplink "${uplink.uplink}" does not exist`];
    return [
      ...(link.master === links.bridge.ifindex ? [] : [`uplink "${link.ifname}" is no port of "${bridge}"`]),
      ...(link.isUp ? [] : [`uplink "${link.ifname}" is down`]),
      ...checkVlan(checking, link),
    ];
  },
};

/** So for every pod but the first: no lock is needed. */
function isJoined({ plan, host, found }: Adding<BridgePlan>): boolean {
  const { uplink, vlan } = plan.link.uplink ?? { uplink: "" };
  const link = requireUplink(uplink, getLink(host, uplink));
  const isPort = link.master !== 0 && link.master === found.bridge?.ifindex && link.isUp;
  return isPort && (vlan === undefined || hasVlan(host, link, vlan));
}

function hasVlan(host: RouteSocket, port: Link, vlan: number): boolean {
  return listPortVlans(host, port.ifindex).some(
    ({ first, last, isUntagged }) => first <= vlan && vlan <= last && !isUntagged,
  );
}

function joinBridge({ plan, host, found }: Adding<BridgePlan>, link: Link): void {
  const { bridge } = plan.link;
  const master = found.bridge?.ifindex ?? 0;
  if (link.master === master && link.isUp) return;
  requirePort(host, link, bridge);
  host.exchange([noLinkLocalRequest(bridge)]); // before it has a carrier; without IPv6 there is none
  try {
    host.request({ message: "RTM_SETLINK", body: { ifi_index: link.ifindex, IFLA_MASTER: master } });
  } catch (cause) {
    if (!isErrno(cause, "EBUSY")) throw cause;
    const problem = `uplink "${link.ifname}" carries macvlan interfaces, or something else that takes its frames`;
    throw new CniError(CNI_ERROR.alreadyExists, problem, FOR_PODS_ALONE, { cause });
  }
  keepAddressMode(bridge, link.ifname);
  host.exchange([noLinkLocalRequest(link.ifname)]);
  host.request({ message: "RTM_SETLINK", body: { ...UP, ifi_index: link.ifindex } });
}

/** Ports keep what the bridge gives them at first, VLAN 1 untagged, for networks without a VLAN. */
function carryVlan({ host, found }: Adding<BridgePlan>, link: Link, vlan: number): void {
  if (found.bridge !== undefined) ensureVlanFiltering(host, found.bridge);
  host.request(setPortVlansRequest(link.ifindex, [tagged(vlan)]));
}

function checkVlan({ plan, host }: Checking<BridgePlan>, link: Link): string[] {
  const vlan = plan.link.uplink?.vlan;
  if (vlan === undefined || hasVlan(host, link, vlan)) return [];
  return [`uplink "${link.ifname}" does not carry VLAN ${vlan}`];
}
