/** The node's interface in the VLAN that it is a gateway of: there while the VLAN has pods. */

import { getLink } from "../../link/link.ts";
import { ensureVlanGateway, findPort, vlanOf } from "../../link/vlan-gateway.ts";
import { entryOfConfig, entryOfRemoval } from "../entry.ts";
import type { BridgePlan } from "../plan/plan.ts";
import type { Step } from "../step.ts";
import { withUplinkLock } from "../uplink.ts";
import { withdrawGateway as withdraw } from "../vlan-gateway.ts";

/** Stands before the veth pair, so that its removal comes after the pair's. */
export const withdrawGateway: Step = {
  name: "withdrawGateway",

  del(removal) {
    const entry = entryOfRemoval(removal);
    if (entry.vlan !== undefined) withdraw(removal.host, entry);
  },
};

/** Stands after the pod's port is in its VLAN. */
export const createGateway: Step<BridgePlan> = {
  name: "createGateway",

  add({ plan, host, mtu, found }) {
    const { vlan } = entryOfConfig(plan.link);
    const { bridge } = found;
    if (vlan === undefined || bridge === undefined) return;
    found.gateway = withUplinkLock(bridge.ifname, () => ensureVlanGateway(host, { bridge, vlan, mtu }));
  },

  check({ plan, host, links: { bridge } }) {
    const { ifname, vlan } = entryOfConfig(plan.link);
    if (vlan === undefined || bridge === undefined) return [];
    const link = getLink(host, ifname);
    if (link === undefined) return [`gateway "${ifname}" does not exist`];
    const port = findPort(host, link);
    const isThere = port?.master === bridge.ifindex && vlanOf(host, port) === vlan;
    return [
      ...(isThere ? [] : [`gateway "${ifname}" does not lead to VLAN ${vlan} of "${bridge.ifname}"`]),
      ...(link.isUp && port?.isUp !== false ? [] : [`gateway "${ifname}" is down`]),
    ];
  },
};
