/** Gateways that a pod could not reach: said before anything is made, by the field that names them. */

import { type Address, formatAddress, isLinkLocal, sameAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf, type Prefix, prefixContains } from "../../addr/prefix.ts";
import type { InterfaceConfig } from "../../cni/netconf/interface.ts";
import type { HostLocalConfig, RangeConfig } from "../../cni/netconf/ipam.ts";
import type { Mode } from "../../cni/netconf/ptp.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { RangeSet } from "../../ipam/range.ts";
import { isOnLink } from "./pod-addressing.ts";

/** What of the configuration decides who is in reach. */
export type Reach = Pick<InterfaceConfig, "isGateway" | "isDefaultGateway"> & { readonly mode: Mode };

type Given = Pick<HostLocalConfig, "ranges" | "routes"> & { readonly sets: readonly RangeSet[] };

/** @throws {CniError} 7 with the path of the field */
export function requireReachable({ ranges, routes, sets }: Given, reach: Reach): void {
  for (const set of ranges)
    for (const range of set)
      if (range.gateway !== undefined) requireInside(range, range.gateway, { routes, reach });
  for (const [index, route] of routes.entries()) {
    if (route.gw === undefined || isReachable(route.gw, { routes, sets, mode: reach.mode })) continue;
    const problem = `ipam.routes[${index}].gw: ${formatAddress(route.gw)} is ${describeReach(sets, reach.mode)}`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, WANT_ON_LINK);
  }
}

const WANT_ON_LINK =
  'want a gateway that the pod reaches, or a route to it before: {"dst": "…/32", "scope": 253}';

function isViaGateway(route: RouteConfig): boolean {
  return route.gw === undefined && !isOnLink(route);
}

/** On a pair of its own a pod has a route to each gateway, whichever that is. */
function requireInside(
  { path, subnet }: RangeConfig,
  gateway: Address,
  { routes, reach }: { readonly routes: readonly RouteConfig[]; readonly reach: Reach },
): void {
  const isUsed = reach.isGateway || reach.isDefaultGateway || routes.some(isViaGateway);
  if (reach.mode !== "bridge" || !isUsed) return;
  if (prefixContains(subnet, gateway) || isLinkLocal(gateway)) return;
  const problem = `${path}.gateway: ${formatAddress(gateway)} is outside the subnet ${formatPrefix(subnet)}`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "want an address of the subnet, which pods can reach",
  );
}

function isReachable(
  gw: Address,
  { routes, sets, mode }: Pick<Given, "routes" | "sets"> & Pick<Reach, "mode">,
): boolean {
  if (gw.value === 0n || isLinkLocal(gw)) return true; // no gateway at all
  const ranges = sets.flat();
  const isNear =
    mode === "bridge"
      ? ranges.some(({ subnet }) => prefixContains(subnet, gw))
      : ranges.some(({ gateway }) => gateway !== undefined && sameAddress(gateway, gw));
  return isNear || routes.some((route) => isOnLink(route) && prefixContains(route.dst, gw));
}

function describeReach(sets: readonly RangeSet[], mode: Mode): string {
  if (mode === "ptp") return "no gateway of the pod, and a pod with a pair of its own reaches no other";
  const subnets = sets.flat().map(({ subnet }): Prefix => networkOf(subnet));
  return `outside every subnet of the pod: ${subnets.map(formatPrefix).join(", ")}`;
}
