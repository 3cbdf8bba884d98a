/** The bridge, or the node's interface in its VLAN, as the pods' gateway: addresses, and forwarding on the host. */

import { isLinkLocal } from "../../../addr/address.ts";
import { familiesOf, formatPrefix, networkOf, type Prefix } from "../../../addr/prefix.ts";
import type { IpConfig } from "../../../cni/result.ts";
import { listAddresses } from "../../../link/address.ts";
import { getLink, type Link } from "../../../link/link.ts";
import { addOnlyRouteRequest, listRoutes } from "../../../link/route.ts";
import { NetlinkError } from "../../../netlink/error.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import { distinct } from "../../plan/pod-addressing.ts";
import { ingressOfRecord } from "../../rules/ingress.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";
import { checkForwarding, forwardFrom, forwardOnNode } from "../veth/node-forwarding.ts";
import { putAddresses } from "./gateway-addresses.ts";

export const configureGateway = {
  name: "configureGateway",

  /** `gateway`: the bridge, or the node's interface in its VLAN. */
  add(context: AddContext<BridgePlan>, gateway: Link, ips: readonly IpConfig[]): void {
    if (!context.plan.link.isGateway) return;
    const gateways = gatewayPrefixes(ips);
    putAddresses(context, gateway, gateways);
    const networks = linkLocalNetworks(ips);
    if (networks.length > 0) putRoutes(context, gateway, networks);
    const families = familiesOf(gateways);
    forwardOnNode(context, families);
    forwardFrom(context, gateway, families);
  },

  check(context: CheckContext): string[] {
    const { links, wanted, host, prevResult } = context;
    if (wanted.interface?.isGateway !== true) return [];
    const { ifname, vlan } = ingressOfRecord(wanted);
    const gateway = vlan === undefined ? links.bridge : getLink(host, ifname);
    if (gateway === undefined) return [];
    const present = listAddresses(host, gateway.ifindex).map((entry) => formatPrefix(entry.prefix));
    const gateways = gatewayPrefixes(prevResult.ips);
    const families = familiesOf(gateways);
    const missing = gateways.map(formatPrefix).filter((address) => !present.includes(address));
    return [
      ...missing.map((address) => `gateway address ${address} is missing on bridge "${ifname}"`),
      ...checkNetworks(host, gateway, prevResult.ips),
      ...checkForwarding(context, gateway, families),
    ];
  },
};

/** The networks that the node has no address in: their gateways are link-local ones. */
function linkLocalNetworks(ips: readonly IpConfig[]): Prefix[] {
  const networks: Prefix[] = [];
  for (const { address, gateway } of ips)
    if (gateway !== undefined && isLinkLocal(gateway)) networks.push(networkOf(address));
  return networks;
}

function putRoutes({ host }: AddContext<BridgePlan>, { ifindex }: Link, networks: readonly Prefix[]): void {
  for (const { refusal } of host.exchange(networks.map((dst) => addOnlyRouteRequest(ifindex, { dst })))) {
    if (refusal !== undefined && refusal.errno !== "EEXIST") throw new NetlinkError(refusal);
  }
}

/** The gateways with their subnets' prefix lengths, each once. */
function gatewayPrefixes(ips: readonly IpConfig[]): readonly Prefix[] {
  const all = ips.flatMap(({ address, gateway }) =>
    gateway === undefined ? [] : [{ address: gateway, prefixLength: address.prefixLength }],
  );
  return distinct(all, formatPrefix);
}

function checkNetworks(host: RouteSocket, { ifindex, ifname }: Link, ips: readonly IpConfig[]): string[] {
  const networks = linkLocalNetworks(ips).map(formatPrefix);
  const routes = networks.length === 0 ? [] : listRoutes(host).filter((route) => route.ifindex === ifindex);
  const present = routes.map(({ dst }) => formatPrefix(dst));
  return networks
    .filter((network) => !present.includes(network))
    .map((network) => `route to ${network} by "${ifname}" is missing`);
}
