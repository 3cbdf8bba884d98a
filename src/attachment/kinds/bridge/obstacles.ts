/** Why a pod could not be a port of the bridge now. */

import { isLinkLocal } from "../../../addr/address.ts";
import { NotABridge } from "../../../link/bridge.ts";
import { getLink } from "../../../link/link.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { Output } from "../../output.ts";
import { subnetsOf } from "../../plan/ipam.ts";
import type { AttachmentPlan, BridgePlan } from "../../plan/plan.ts";
import { ingressOfConfig } from "../../rules/ingress.ts";
import { requireUplink, whyNoPort } from "../uplink.ts";
import { checkForeignChains } from "../veth/foreign-chains.ts";
import { whyNoGateway } from "./gateway-addresses.ts";

/** Each in words. @throws {CniError} the uplink is missing or not for pods */
export function obstaclesOf(plan: AttachmentPlan<BridgePlan>, host: RouteSocket, output: Output): string[] {
  const { uplink, bridge } = plan.link;
  if (uplink === undefined)
    return [...checkForwarding(plan, output), ...checkName(bridge, host), ...checkGateway(plan, host)];
  const link = requireUplink(uplink.uplink, getLink(host, uplink.uplink));
  const reason = whyNoPort(host, link, bridge);
  return reason === undefined ? [] : [`uplink "${link.ifname}" ${reason}`];
}

function checkName(bridge: string, host: RouteSocket): string[] {
  const existing = getLink(host, bridge);
  return existing === undefined || existing.kind === "bridge" ? [] : [new NotABridge(existing).message];
}

/** By the first range of each set, which the next pod's address is most likely of. */
function checkGateway({ link, addressing }: AttachmentPlan<BridgePlan>, host: RouteSocket): string[] {
  const existing = getLink(host, ingressOfConfig(link).ifname);
  if (!link.isGateway || link.forceAddress || existing === undefined || addressing.kind !== "host-local")
    return [];
  const gateways = addressing.sets.flatMap(([range]) =>
    range?.gateway === undefined || isLinkLocal(range.gateway)
      ? []
      : [{ address: range.gateway, prefixLength: range.subnet.prefixLength }],
  );
  return [whyNoGateway(host, existing, gateways) ?? []].flat();
}

function checkForwarding({ link, addressing }: AttachmentPlan<BridgePlan>, output: Output): string[] {
  if (!link.isGateway) return [];
  const { ifname: ingress } = ingressOfConfig(link);
  return checkForeignChains({ ingress, prefixes: subnetsOf(addressing), forward: link.forward }, output);
}
