/** The pod's side: interface settings, addresses, routes. They go with the interface. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf } from "../../addr/prefix.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { addAddressRequest, addUnroutedAddressRequest, listAddresses } from "../../link/address.ts";
import { addRouteRequest, type ListedRoute, listRoutes, type Route } from "../../link/route.ts";
import { withOwnProcfs } from "../../linux/procfs.ts";
import { ensureSysctl, setSysctl } from "../../linux/sysctl.ts";
import { IFF } from "../../netlink/route/link.ts";
import type { RouteRequest } from "../../netlink/route/protocol.ts";
import { isAdditional } from "../attachment.ts";
import type { AttachmentPlan } from "../plan/plan.ts";
import {
  effectiveRoutes,
  type NetworkRoute,
  ownIps,
  type PodAddressing,
  routeKey,
  sameGateway,
} from "../plan/pod-addressing.ts";
import { mayBeRemembered } from "../plan/remembered.ts";
import { extendRecord } from "../record/store.ts";
import {
  behindOthers,
  checkSourceRules,
  removeSourceRules,
  sourceRouteRequests,
  sourceRoutesOf,
} from "./source-routes.ts";
import type { AddContext, CheckContext, ContainerLink } from "./step.ts";

export const configureContainer = {
  name: "configureContainer",

  /** `ifalias`: undefined where the interface has one already. Gives the addressing with the metrics of its routes. */
  add(
    { plan, netns, container, claim }: AddContext,
    { ifindex }: ContainerLink,
    wanted: Wanted,
  ): PodAddressing {
    const { addressing: given, networkRoutes } = wanted;
    const { ips } = given;
    const { ifname } = plan.attachment;
    const addressing = behindOthers(container, { ifname, ifindex }, given);
    const bySource = sourceRoutesOf(ifindex, given, addressing);
    if (bySource !== undefined) extendRecord(claim.recordFd, { bySource });
    const hasIpv6 = ips.some((ip) => ip.address.address.family === 6);
    if (ips.length > 0) netns.run(() => withOwnProcfs((procfs) => writeSysctls(plan, hasIpv6, procfs)));
    container.requestAll([
      ...containerRequests(plan, ifindex, { ...wanted, addressing }),
      ...(bySource === undefined ? [] : sourceRouteRequests(ifindex, bySource, given, networkRoutes)),
    ]);
    return addressing;
  },

  check(context: CheckContext): string[] {
    const { container, links } = context;
    const link = links.container;
    if (link === undefined) return [];
    return [
      ...checkAddresses(context, link.ifindex),
      ...checkRoutes(context, ownRoutes(context, listRoutes(container))),
      ...checkSourceRules(context),
    ];
  },

  del: removeSourceRules,
};

/** What the interface is to have beside its settings. */
interface Wanted {
  readonly addressing: PodAddressing;
  readonly ifalias: string | undefined;
  /** Routes to its networks in place of those that the kernel makes of its addresses; absent: the kernel's. */
  readonly networkRoutes?: readonly NetworkRoute[];
}

function containerRequests(
  plan: AttachmentPlan,
  ifindex: number,
  { addressing, ifalias, networkRoutes }: Wanted,
): RouteRequest[] {
  const { ips } = addressing;
  const addAddress = networkRoutes === undefined ? addAddressRequest : addUnroutedAddressRequest;
  const { allmulti, promisc, txQLen } = plan.settings;
  const flags =
    (plan.config.disableContainerInterface ? 0 : IFF.UP) |
    (promisc ? IFF.PROMISC : 0) |
    (allmulti ? IFF.ALLMULTI : 0);
  const settings = {
    ifi_index: ifindex,
    ...(ifalias === undefined ? {} : { IFLA_IFALIAS: ifalias }),
    ifi_flags: flags,
    ifi_change: flags,
    ...(txQLen === undefined ? {} : { IFLA_TXQLEN: txQLen }),
    ...(ips.length === 0 ? {} : { IFLA_AF_SPEC: confOf(plan) }),
  };
  return [
    ...ips.map((ip) => addAddress(ifindex, ip.address, plan.config.enabledad)),
    { message: "RTM_SETLINK", body: settings },
    ...routesOf(addressing, networkRoutes).map((route) => addRouteRequest(ifindex, route)),
  ];
}

/** A configured route that is the same as one to a network would be refused. */
function routesOf(addressing: PodAddressing, networkRoutes: readonly NetworkRoute[] = []): Route[] {
  const present = new Set(networkRoutes.map(routeKey));
  const configured = effectiveRoutes(addressing).filter(
    (route) => present.size === 0 || !present.has(routeKey(route)),
  );
  return [...networkRoutes, ...configured].map((route) => ({ ...route, gateway: route.gw }));
}

/** Neighbours learn a reused address at once; like `sysctl net.ipv4.conf.IFNAME.arp_notify=1`. */
const ANNOUNCED = { IPV4_DEVCONF_ARP_NOTIFY: 1 } as const;

/**
 * A pod on several networks joins none of them to another: it inherits forwarding from the node, and would answer on one
 * interface for the addresses of the other.
 */
const APART = {
  ...ANNOUNCED,
  IPV4_DEVCONF_FORWARDING: 0,
  IPV4_DEVCONF_ACCEPT_REDIRECTS: 0,
  IPV4_DEVCONF_ARP_IGNORE: 1,
  IPV4_DEVCONF_ARP_ANNOUNCE: 2,
} as const;

function confOf(plan: AttachmentPlan) {
  return { AF_INET: { IFLA_INET_CONF: isApart(plan) ? APART : ANNOUNCED } };
}

function isApart({ attachment, resolved }: AttachmentPlan): boolean {
  return resolved !== undefined || isAdditional(attachment.ifname);
}

/** Inside the container's namespace, before its interface is up. */
function writeSysctls(plan: AttachmentPlan, hasIpv6: boolean, procfs: string): void {
  const conf = `net/ipv6/conf/${plan.attachment.ifname}`;
  // A neighbour's advertisement gives no addresses and routes beside ours.
  setSysctl(`${conf}/accept_ra`, "0", procfs);
  setSysctl(`${conf}/autoconf`, "0", procfs);
  if (isApart(plan)) {
    setSysctl(`${conf}/forwarding`, "0", procfs);
    setSysctl(`${conf}/accept_redirects`, "0", procfs);
  }
  if (hasIpv6) writeIpv6Sysctls(plan, procfs);
}

function writeIpv6Sysctls(plan: AttachmentPlan, procfs: string): void {
  const { attachment, config } = plan;
  const conf = `net/ipv6/conf/${attachment.ifname}`;
  ensureSysctl("net/ipv6/conf/lo/disable_ipv6", "0", procfs);
  ensureSysctl(`${conf}/disable_ipv6`, "0", procfs);
  setSysctl(`${conf}/keep_addr_on_down`, "1", procfs);
  setSysctl(`${conf}/accept_dad`, config.enabledad ? "1" : "0", procfs);
  if (config.enabledad) setSysctl(`${conf}/enhanced_dad`, "1", procfs);
  if (mayBeRemembered(plan)) setSysctl(`${conf}/ndisc_notify`, "1", procfs);
}

function checkAddresses({ container, wanted, prevResult }: CheckContext, ifindex: number): string[] {
  const present = listAddresses(container, ifindex).map((entry) => formatPrefix(entry.prefix));
  const { ifname } = wanted;
  return ownIps(prevResult, ifname)
    .map((ip) => formatPrefix(ip.address))
    .filter((address) => !present.includes(address))
    .map((address) => `address ${address} is missing on "${ifname}" in the container`);
}

function checkRoutes({ prevResult, wanted }: CheckContext, present: readonly ListedRoute[]): string[] {
  const ips = ownIps(prevResult, wanted.ifname);
  const byNetwork = new Map<string, ListedRoute[]>();
  for (const route of present) {
    const network = formatPrefix(networkOf(route.dst));
    const others = byNetwork.get(network);
    if (others === undefined) byNetwork.set(network, [route]);
    else others.push(route);
  }
  const find = ({ dst }: RouteConfig) => byNetwork.get(formatPrefix(networkOf(dst))) ?? [];
  return effectiveRoutes({ ips, routes: prevResult.routes })
    .filter((route) => !find(route).some((candidate) => isRoute(candidate, route)))
    .map((route) => `route ${describeRoute(route)} is missing in the container`);
}

/** Without those by which answers go back: they stand for no others. */
function ownRoutes({ record }: CheckContext, routes: readonly ListedRoute[]): readonly ListedRoute[] {
  const { bySource } = record ?? {};
  return bySource === undefined ? routes : routes.filter(({ table }) => table !== bySource.table);
}

/** Of routes to one network; in any table: plugins later in the chain may have moved it (source based routing). */
function isRoute(candidate: ListedRoute, { gw, ...wanted }: RouteConfig): boolean {
  const isSame = sameGateway(candidate.gateway, gw);
  const settings = ["mtu", "advmss", "priority"] as const;
  return isSame && settings.every((key) => wanted[key] === undefined || wanted[key] === candidate[key]);
}

function describeRoute({ dst, gw }: RouteConfig): string {
  return `${formatPrefix(dst)}${gw === undefined ? "" : ` via ${formatAddress(gw)}`}`;
}
