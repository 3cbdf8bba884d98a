/** The pod's side: interface settings, addresses, routes. They go with the interface. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix, networkOf } from "../../addr/prefix.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { addAddressRequest, listAddresses } from "../../link/address.ts";
import { addRouteRequest, type ListedRoute, listRoutes } from "../../link/route.ts";
import { ensureSysctl, setSysctl } from "../../linux/sysctl.ts";
import { IFF } from "../../netlink/route/link.ts";
import type { RouteRequest } from "../../netlink/route/protocol.ts";
import { effectiveRoutes, ownIps, sameGateway } from "../addressing.ts";
import type { AttachmentPlan } from "../plan/plan.ts";
import type { Adding, Checking, Step } from "../step.ts";

export const configureContainer: Step = {
  name: "configureContainer",

  add(adding) {
    const { plan, netns, container, found } = adding;
    if (found.container === undefined) return;
    const { ifindex } = found.container;
    if (found.ips.some((ip) => ip.address.address.family === 6)) netns.run(() => writeSysctls(plan));
    container.requestAll(containerRequests(adding, ifindex));
  },

  check(checking) {
    const { container, links } = checking;
    const link = links.container;
    if (link === undefined) return [];
    return [...checkAddresses(checking, link.ifindex), ...checkRoutes(checking, listRoutes(container))];
  },
};

function containerRequests({ plan, found }: Adding, ifindex: number): RouteRequest[] {
  const { allmulti, promisc, txQLen } = plan.settings;
  const flags =
    (plan.config.disableContainerInterface ? 0 : IFF.UP) |
    (promisc ? IFF.PROMISC : 0) |
    (allmulti ? IFF.ALLMULTI : 0);
  const settings = {
    ifi_index: ifindex,
    ...(plan.link.kind === "sriov" ? {} : { IFLA_IFALIAS: plan.alias }), // a VF's tells more
    ifi_flags: flags,
    ifi_change: flags,
    ...(txQLen === undefined ? {} : { IFLA_TXQLEN: txQLen }),
    ...(found.ips.length === 0 ? {} : { IFLA_AF_SPEC: ANNOUNCED }),
  };
  return [
    ...found.ips.map((ip) => addAddressRequest(ifindex, ip.address, plan.config.enabledad)),
    { message: "RTM_SETLINK", body: settings },
    ...effectiveRoutes(found).map((route) => addRouteRequest(ifindex, { ...route, gateway: route.gw })),
  ];
}

/** Neighbours learn a reused address at once; like `sysctl net.ipv4.conf.IFNAME.arp_notify=1`. */
const ANNOUNCED = { AF_INET: { IFLA_INET_CONF: { IPV4_DEVCONF_ARP_NOTIFY: 1 } } };

/** For IPv6, inside the container's namespace, before its interface is up. */
function writeSysctls({ attachment: { ifname }, config, resolved }: AttachmentPlan): void {
  ensureSysctl("net/ipv6/conf/lo/disable_ipv6", "0");
  ensureSysctl(`net/ipv6/conf/${ifname}/disable_ipv6`, "0");
  setSysctl(`net/ipv6/conf/${ifname}/keep_addr_on_down`, "1");
  setSysctl(`net/ipv6/conf/${ifname}/accept_dad`, config.enabledad ? "1" : "0");
  if (config.enabledad) setSysctl(`net/ipv6/conf/${ifname}/enhanced_dad`, "1");
  if (resolved !== undefined) setSysctl(`net/ipv6/conf/${ifname}/ndisc_notify`, "1");
}

function checkAddresses(checking: Checking, ifindex: number): string[] {
  const present = listAddresses(checking.container, ifindex).map((entry) => formatPrefix(entry.prefix));
  const { ifname } = checking.plan.attachment;
  return ownIps(checking.prevResult, ifname)
    .map((ip) => formatPrefix(ip.address))
    .filter((address) => !present.includes(address))
    .map((address) => `address ${address} is missing on "${ifname}" in the container`);
}

function checkRoutes(checking: Checking, present: readonly ListedRoute[]): string[] {
  const { prevResult, plan } = checking;
  const ips = ownIps(prevResult, plan.attachment.ifname);
  const wanted = effectiveRoutes({ ips, routes: prevResult.routes });
  return wanted
    .filter((route) => !present.some((candidate) => isRoute(candidate, route)))
    .map((route) => `route ${describeRoute(route)} is missing in the container`);
}

/** In any table: plugins later in the chain may have moved it (source based routing). */
function isRoute(candidate: ListedRoute, { dst, gw, ...wanted }: RouteConfig): boolean {
  const isSame =
    formatPrefix(networkOf(candidate.dst)) === formatPrefix(networkOf(dst)) &&
    sameGateway(candidate.gateway, gw);
  const settings = ["mtu", "advmss", "priority"] as const;
  return isSame && settings.every((key) => wanted[key] === undefined || wanted[key] === candidate[key]);
}

function describeRoute({ dst, gw }: RouteConfig): string {
  return `${formatPrefix(dst)}${gw === undefined ? "" : ` via ${formatAddress(gw)}`}`;
}
