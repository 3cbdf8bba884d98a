/** The node's interface in the VLAN that it is a gateway of: there while the VLAN has pods. */

import { getLink, type Link } from "../../../link/link.ts";
import { ensureVlanGateway, findPort, vlanOf } from "../../../link/vlan-gateway.ts";
import { withdrawGateway } from "../../leftovers/sweep-gateways.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import { ingressOfConfig, ingressOfRecord, ingressOfRemoval } from "../../rules/ingress.ts";
import type { AddContext, CheckContext, RemovalContext } from "../../steps/step.ts";
import { withUplinkLock } from "../uplink.ts";

export const createGateway = {
  name: "createGateway",

  /** Undefined where the bridge itself is the gateway, or nothing is. The pod's port is in its VLAN by now. */
  add({ plan, host }: AddContext<BridgePlan>, bridge: Link, mtu: number): Link | undefined {
    const { vlan } = ingressOfConfig(plan.link);
    if (vlan === undefined) return undefined;
    return withUplinkLock(bridge.ifname, () => ensureVlanGateway(host, { bridge, vlan, mtu }));
  },

  check({ wanted, host, links: { bridge } }: CheckContext): string[] {
    const { ifname, vlan } = ingressOfRecord(wanted);
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

  /** After the pod's port is gone: the last pod of the VLAN takes the gateway along. */
  del(removal: RemovalContext): void {
    const ingress = ingressOfRemoval(removal);
    if (ingress.vlan !== undefined) withdrawGateway(removal.host, ingress);
  },
};
