/**
 * The ways of a pod with several interfaces: the first has the default route, and what is answered from an address of
 * another one leaves by that one, as the node and its neighbours expect it (rp_filter, masquerade, host ports).
 */

import { type Family, formatAddress, sameAddress } from "../../addr/address.ts";
import { isDefaultPrefix, networkOf } from "../../addr/prefix.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { addRouteRequest, type ListedRoute, listRoutes, type Route } from "../../link/route.ts";
import { addRuleRequest, deleteRuleRequest, listSourceRules } from "../../link/rule.ts";
import { NetlinkError } from "../../netlink/error.ts";
import type { RouteRequest, RouteSocket } from "../../netlink/route/protocol.ts";
import { RT_SCOPE_LINK, RT_TABLE_MAIN } from "../../netlink/route/route.ts";
import { FIRST_INTERFACE } from "../attachment.ts";
import { openContainerIfAny } from "../in-container.ts";
import {
  effectiveRoutes,
  type NetworkRoute,
  type PodAddressing,
  type SourceRoutes,
} from "../plan/pod-addressing.ts";
import type { CheckContext, RemovalContext } from "./step.ts";

/** Tables of interfaces are numbered from it, by the index of the interface. */
const FIRST_TABLE = 1000;
/** Between the metrics of default routes. */
const METRIC_STEP = 100;
/** The kernel's metric of an IPv6 route without one. */
const IP6_RT_PRIO_USER = 1024;

/** The default routes by other interfaces, in the main table. */
function otherDefaults(container: RouteSocket, ifindex: number): ListedRoute[] {
  return listRoutes(container).filter(
    ({ dst, table = RT_TABLE_MAIN, ifindex: other }) =>
      isDefaultPrefix(dst) && table === RT_TABLE_MAIN && other !== ifindex,
  );
}

/** The same addressing with default routes behind those that the pod has; the same object where it has none. */
export function behindOthers(
  container: RouteSocket,
  { ifname, ifindex }: { readonly ifname: string; readonly ifindex: number },
  addressing: PodAddressing,
): PodAddressing {
  if (ifname === FIRST_INTERFACE || !addressing.routes.some(isPlainDefault)) return addressing;
  const others = otherDefaults(container, ifindex);
  const routes = addressing.routes.map((route) => {
    const priority = isPlainDefault(route) ? metricBehind(others, route.dst.address.family) : undefined;
    return priority === undefined ? route : { ...route, priority };
  });
  return routes.every((route, index) => route === addressing.routes[index])
    ? addressing
    : { ...addressing, routes };
}

/** One of the main table, whose metric nobody chose. */
function isPlainDefault({ dst, table = RT_TABLE_MAIN, priority }: RouteConfig): boolean {
  return isDefaultPrefix(dst) && table === RT_TABLE_MAIN && priority === undefined;
}

/** Undefined where there is no other of the family. */
function metricBehind(others: readonly ListedRoute[], family: Family): number | undefined {
  const metrics = others
    .filter(({ dst }) => dst.address.family === family)
    .map(({ priority }) => priority ?? (family === 6 ? IP6_RT_PRIO_USER : 0));
  return metrics.length === 0 ? undefined : Math.max(...metrics) + METRIC_STEP;
}

/** For the families whose default route went behind another; undefined where none did. */
export function sourceRoutesOf(
  ifindex: number,
  given: PodAddressing,
  behind: PodAddressing,
): SourceRoutes | undefined {
  const families = behind.routes
    .filter((route, index) => route !== given.routes[index])
    .map(({ dst }) => dst.address.family);
  const from = given.ips
    .map(({ address }) => address.address)
    .filter(({ family }) => families.includes(family));
  return from.length === 0 ? undefined : { table: FIRST_TABLE + ifindex, from };
}

/** Makes the table and its rules; `networkRoutes` in the place of those that the kernel makes of addresses. */
export function sourceRouteRequests(
  ifindex: number,
  { table, from }: SourceRoutes,
  given: PodAddressing,
  networkRoutes?: readonly NetworkRoute[],
): RouteRequest[] {
  const isMeant = ({ dst }: RouteConfig) => from.some(({ family }) => family === dst.address.family);
  const near: readonly RouteConfig[] =
    networkRoutes ?? given.ips.map(({ address }) => ({ dst: networkOf(address), scope: RT_SCOPE_LINK }));
  const far = effectiveRoutes(given).filter(({ table: own = RT_TABLE_MAIN }) => own === RT_TABLE_MAIN);
  const routes = [...near, ...far]
    .filter(isMeant)
    .map((route): Route => ({ ...route, gateway: route.gw, table }));
  return [
    ...routes.map((route) => addRouteRequest(ifindex, route)),
    ...from.map((address) => addRuleRequest({ from: address, table })),
  ];
}

/** The rules alone: the table's routes go with the interface. */
export function removeSourceRules(removal: RemovalContext): void {
  const { bySource } = removal.record ?? {};
  if (bySource === undefined) return;
  using container = openContainerIfAny(removal);
  const rules = bySource.from.map((from) => deleteRuleRequest({ from, table: bySource.table }));
  for (const { refusal } of container?.exchange(rules) ?? [])
    if (refusal !== undefined && !GONE.includes(refusal.errno)) throw new NetlinkError(refusal);
}

const GONE = ["ENOENT", "EAFNOSUPPORT"];

/** Each rule that is missing, in words. */
export function checkSourceRules({ record, container }: CheckContext): string[] {
  const { bySource } = record ?? {};
  if (bySource === undefined) return [];
  const { table, from } = bySource;
  const found = listSourceRules(container).filter((rule) => rule.table === table);
  return from
    .filter((address) => !found.some((rule) => sameAddress(rule.from, address)))
    .map((address) => `rule from ${formatAddress(address)} lookup ${table} is missing in the container`);
}
