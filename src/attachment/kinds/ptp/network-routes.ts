/** The pod's routes to its gateways and, by these, to the rest of its networks: nothing but the gateways is on its link. */

import { ADDRESS_BITS, formatAddress, sameAddress } from "../../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix } from "../../../addr/prefix.ts";
import type { IpConfig } from "../../../cni/result.ts";
import { type ListedRoute, listRoutes } from "../../../link/route.ts";
import { RT_SCOPE_LINK } from "../../../netlink/route/route.ts";
import { distinct, type NetworkRoute, ownIps, sameGateway } from "../../plan/pod-addressing.ts";
import type { CheckContext, Step } from "../../steps/step.ts";
import { hostPrefix } from "./host-prefix.ts";

/**
 * The gateways before what is reached by them, as the kernel wants it.
 * @param detectsDuplicates the kernel takes no IPv6 address as a source before it is known to be nobody else's
 */
export function networkRoutesOf(
  ips: readonly IpConfig[],
  detectsDuplicates: boolean,
): readonly NetworkRoute[] {
  const routes = ips.flatMap((ip) => routesOf(ip, ip.address.address.family === 6 && detectsDuplicates));
  return distinct(routes, ({ dst }) => formatPrefix(dst));
}

/** An address without a network beside it has no other route than that to its gateway. */
function routesOf({ address: prefix, gateway }: IpConfig, isTentative: boolean): NetworkRoute[] {
  if (gateway === undefined) return [];
  const { address, prefixLength } = prefix;
  const source = isTentative ? {} : { source: address };
  const toGateway = { dst: hostPrefix(gateway), scope: RT_SCOPE_LINK, ...source };
  if (prefixLength === ADDRESS_BITS[address.family]) return [toGateway];
  return [toGateway, { dst: networkOf(prefix), gw: gateway, ...source }];
}

/** The routes are made with the addresses, by `configureContainer`. */
export const networkRoutes: Step = {
  name: "networkRoutes",

  check({ container, links, wanted, prevResult }: CheckContext): string[] {
    if (links.container === undefined) return [];
    const present = listRoutes(container);
    return networkRoutesOf(ownIps(prevResult, wanted.ifname), false)
      .filter((route) => !present.some((candidate) => isSame(candidate, route)))
      .map((route) => `route ${describe(route)} is missing in the container`);
  },
};

/** In any table, as with configured routes. */
function isSame(candidate: ListedRoute, { dst, gw }: NetworkRoute): boolean {
  return isSamePrefix(candidate.dst, dst) && sameGateway(candidate.gateway, gw);
}

function isSamePrefix(a: Prefix, b: Prefix): boolean {
  return sameAddress(a.address, b.address) && a.prefixLength === b.prefixLength;
}

function describe({ dst, gw }: NetworkRoute): string {
  return gw === undefined
    ? `${formatPrefix(dst)} on the link`
    : `${formatPrefix(dst)} via ${formatAddress(gw)}`;
}
