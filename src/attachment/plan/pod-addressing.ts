/** What a pod's addresses, routes and resolver settings come to, from what the address management gave. */

import { type Address, type Family, formatAddress, sameAddress } from "../../addr/address.ts";
import { formatPrefix, isDefaultPrefix, networkOf, type Prefix } from "../../addr/prefix.ts";
import type { InterfaceConfig } from "../../cni/netconf/interface.ts";
import type { Dns, IpConfig, Result, RouteConfig } from "../../cni/result.ts";
import { firstHostOf } from "../../link/address.ts";
import { RT_SCOPE_LINK } from "../../netlink/route/route.ts";

/** Index of the container's interface in results that do not name it: after the bridge and the veth end on the host. */
const CONTAINER_INDEX = 2;

/** The addresses of a result that are that interface's. */
export function ownIps({ interfaces, ips }: Result, ifname: string): IpConfig[] {
  const named = interfaces.findIndex((entry) => entry.name === ifname && entry.sandbox !== undefined);
  const own = named < 0 ? CONTAINER_INDEX : named;
  return ips.filter((ip) => ip.interface === undefined || ip.interface === own);
}

export interface PodAddressing {
  readonly ips: readonly IpConfig[];
  readonly routes: readonly RouteConfig[];
  readonly dns: Dns;
}

/** A route of the pod to one of its own networks, or to the gateway of one. */
export interface NetworkRoute extends RouteConfig {
  /** The address that the pod sends from on it; absent: the kernel's choice. */
  readonly source?: Address;
}

/** Senders whose packets are routed by a table of their own. */
export interface SourceRoutes {
  readonly table: number;
  readonly from: readonly Address[];
}

/** Completes gateways and default routes as `isGateway` and `isDefaultGateway` ask. */
export function completeAddressing(given: Result, config: InterfaceConfig): PodAddressing {
  const ips = given.ips.map((ip) => {
    const gateway = ip.gateway ?? (config.isGateway ? firstHostOf(networkOf(ip.address)) : undefined);
    return { address: ip.address, ...(gateway === undefined ? {} : { gateway }) };
  });
  const routes = config.isDefaultGateway ? withDefaultRoutes(given.routes, ips) : given.routes;
  return { ips, routes, dns: config.dns ?? given.dns };
}

/** One default route for each family that has a gateway; one that was given without a gateway gets it. */
function withDefaultRoutes(routes: readonly RouteConfig[], ips: readonly IpConfig[]): RouteConfig[] {
  const completed = routes.map((route) => {
    const gw = isDefaultPrefix(route.dst) ? (route.gw ?? gatewayOf(ips, route.dst.address.family)) : route.gw;
    return gw === undefined ? route : { ...route, gw };
  });
  const added = ([4, 6] as const).flatMap((family) => {
    const gw = gatewayOf(ips, family);
    const isGiven = routes.some(({ dst }) => isDefaultPrefix(dst) && dst.address.family === family);
    return gw === undefined || isGiven ? [] : [{ dst: defaultPrefix(family), gw }];
  });
  return [...completed, ...added];
}

function defaultPrefix(family: Family): Prefix {
  return { address: { family, value: 0n }, prefixLength: 0 };
}

/** The gateway of the first address of a family that has one: where routes without a gateway lead. */
export function gatewayOf(ips: readonly IpConfig[], family: Family) {
  return ips.find((ip) => ip.gateway?.family === family)?.gateway;
}

/** The routes as the kernel is to have them: gateways filled in, each once. */
export function effectiveRoutes({
  ips,
  routes,
}: Pick<PodAddressing, "ips" | "routes">): readonly RouteConfig[] {
  const complete = routes.map((route) => {
    const gw = route.gw ?? (isOnLink(route) ? undefined : gatewayOf(ips, route.dst.address.family));
    return gw === undefined ? route : { ...route, gw };
  });
  return distinct(complete, routeKey);
}

/** True where the destination is on the pod's own link: nothing is between. */
export function isOnLink({ gw, scope = 0 }: RouteConfig): boolean {
  return gw === undefined ? scope >= RT_SCOPE_LINK : gw.value === 0n;
}

/** The items in order, without those that have the key of an earlier one. */
export function distinct<T>(items: readonly T[], keyOf: (item: T) => string): readonly T[] {
  if (items.length < 2) return items;
  const first = new Map<string, T>();
  for (const item of items) {
    const key = keyOf(item);
    if (!first.has(key)) first.set(key, item);
  }
  return [...first.values()];
}

/** Equal where the kernel would refuse the second route as a duplicate of the first. */
export function routeKey({ dst, gw, table, priority, scope }: RouteConfig): string {
  const gateway = realGateway(gw);
  const via = gateway === undefined ? "" : formatAddress(gateway);
  return [formatPrefix(networkOf(dst)), via, table, priority, scope].join(" ");
}

/** Undefined for 0.0.0.0 and :: too, which are no gateway. */
function realGateway(gw: Address | undefined): Address | undefined {
  return gw?.value === 0n ? undefined : gw;
}

/** True where both lead to the same address, or both lead to none. */
export function sameGateway(a: Address | undefined, b: Address | undefined): boolean {
  const [one, other] = [realGateway(a), realGateway(b)];
  return one === undefined || other === undefined ? one === other : sameAddress(one, other);
}
