/** The node's end of the pair: the gateways' addresses on it, a route to each of the pod's, and the node forwards. */

import { type Address, type Family, formatAddress } from "../../../addr/address.ts";
import { familiesOf, formatPrefix, type Prefix } from "../../../addr/prefix.ts";
import type { IpConfig } from "../../../cni/result.ts";
import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { addUnroutedAddressRequest, listAddresses } from "../../../link/address.ts";
import { isOperational } from "../../../link/carrier.ts";
import { getLinkRequest, type Link, toLinks } from "../../../link/link.ts";
import { addOnlyRouteRequest, deleteMulticastRouteRequest, listRoutes } from "../../../link/route.ts";
import { setUpRequest } from "../../../link/veth.ts";
import { setSysctl } from "../../../linux/sysctl.ts";
import { NetlinkError } from "../../../netlink/error.ts";
import type { RouteRequest } from "../../../netlink/route/protocol.ts";
import { RT_SCOPE_LINK } from "../../../netlink/route/route.ts";
import type { Outcome } from "../../../netlink/socket.ts";
import type { PtpPlan } from "../../plan/plan.ts";
import { distinct, ownIps } from "../../plan/pod-addressing.ts";
import { awaitCarrier } from "../../steps/await-carrier.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";
import { checkForwarding, forwardFrom, forwardOnNode } from "../veth/node-forwarding.ts";
import { hostPrefix } from "./host-prefix.ts";

/**
 * fe80::1: without a link-local address the kernel cannot look for the pod on behalf of others (ndisc_send_ns). With a
 * prefix of 64 a router would join its anycast address too, and the end of the pair would wait twice as long.
 */
const LINK_LOCAL: Address = { family: 6, value: (0xfe80n << 112n) | 1n };

const CARRIER_TIMEOUT_MS = 5_000;

export const routeNodeEnd = {
  name: "routeNodeEnd",

  /** After the pod's end, and after the rules about it: from here on its packets pass. */
  add(context: AddContext<PtpPlan>, { ifindex, ifname }: Link, ips: readonly IpConfig[]): Link {
    const { host } = context;
    // What a pod advertises must not become a route of the node's.
    setSysctl(`net/ipv6/conf/${ifname}/accept_ra`, "0");
    forwardOnNode(context, podFamilies(ips));
    const asks = nodeEndRequests({ ifindex, ifname }, ips);
    const pruning = pruningRequests(ifindex, ips);
    const requests = asks.map(({ request }) => request);
    const outcomes = host.exchange([...requests, getLinkRequest(ifname), ...pruning]);
    for (const [index, ask] of asks.entries()) requireDone(ask, outcomes[index]);
    const [link] = toLinks(host, outcomes.slice(asks.length, asks.length + 1));
    if (link === undefined) throw isGone(ifname);
    forwardFrom(context, link, podFamilies(ips));
    if (isOperational(link)) return link;
    requireCarrier(context, link);
    host.exchange(pruning);
    return link;
  },

  check(context: CheckContext): string[] {
    const { host, links, wanted, prevResult } = context;
    const link = links.host;
    if (link === undefined) return [];
    const ips = ownIps(prevResult, wanted.ifname);
    const addresses = listAddresses(host, link.ifindex).map(({ prefix }) => formatPrefix(prefix));
    const routes = listRoutes(host).filter(({ ifindex }) => ifindex === link.ifindex);
    return [
      ...nodeAddresses(ips)
        .map(formatPrefix)
        .filter((address) => !addresses.includes(address))
        .map((address) => `address ${address} is missing on "${link.ifname}"`),
      ...podPrefixes(ips)
        .map(formatPrefix)
        .filter((pod) => !routes.some(({ dst }) => formatPrefix(dst) === pod))
        .map((pod) => `route to ${pod} by "${link.ifname}" is missing`),
      ...checkForwarding(context, link, podFamilies(ips)),
    ];
  },
};

/**
 * The port's route for IPv6 multicast, which it gets with its carrier, is of use only where somebody looks for addresses
 * by it: each one more is one that the kernel passes over when another comes or goes. A refusal tells that there is none.
 */
function pruningRequests(ifindex: number, ips: readonly IpConfig[]): RouteRequest[] {
  return podFamilies(ips).includes(6) ? [] : [deleteMulticastRouteRequest(ifindex)];
}

function isGone(ifname: string): CniError {
  return new CniError(CNI_ERROR.tryAgainLater, `interface "${ifname}" was removed by someone else`);
}

/** A request, and what it means that what it makes is there already. */
interface Ask {
  readonly request: RouteRequest;
  taken?(): CniError;
}

function nodeEndRequests(
  { ifindex, ifname }: Pick<Link, "ifindex" | "ifname">,
  ips: readonly IpConfig[],
): Ask[] {
  const own = nodeAddresses(ips).map((prefix) => addUnroutedAddressRequest(ifindex, prefix, false));
  return [
    ...[...own, setUpRequest(ifname)].map((request) => ({ request })),
    ...podPrefixes(ips).map((dst) => ({
      request: addOnlyRouteRequest(ifindex, { dst, scope: RT_SCOPE_LINK }),
      taken: () => routedElsewhere(dst.address),
    })),
  ];
}

function requireDone({ taken }: Ask, outcome: Outcome | undefined): void {
  if (outcome?.refusal === undefined) return;
  throw outcome.refusal.errno === "EEXIST" && taken !== undefined
    ? taken()
    : new NetlinkError(outcome.refusal);
}

/** Another interface would lose what is meant for it. */
function routedElsewhere(address: Address): CniError {
  const text = formatAddress(address);
  const problem = `the node has a route to ${text} already, which another interface is reached by`;
  return new CniError(
    CNI_ERROR.alreadyExists,
    problem,
    `ip route show ${text}; give each network a range of its own`,
  );
}

/** On kernels before 6.8: waits for the announcement of the carrier. */
function requireCarrier({ host }: AddContext<PtpPlan>, { ifindex, ifname }: Link): void {
  if (awaitCarrier(host, ifindex, { timeoutMs: CARRIER_TIMEOUT_MS })) return;
  const problem = `interface "${ifname}" did not come up within ${CARRIER_TIMEOUT_MS / 1000} s`;
  throw new CniError(CNI_ERROR.kernel, problem, "delete the pod, so that its runtime starts it anew");
}

/** What the node's end is to have. */
function nodeAddresses(ips: readonly IpConfig[]): Prefix[] {
  const linkLocal = podFamilies(ips).includes(6) ? [LINK_LOCAL] : [];
  return [...gatewaysOf(ips), ...linkLocal].map(hostPrefix);
}

function gatewaysOf(ips: readonly IpConfig[]): readonly Address[] {
  return distinct(
    ips.flatMap(({ gateway }) => gateway ?? []),
    formatAddress,
  );
}

function podPrefixes(ips: readonly IpConfig[]): Prefix[] {
  return ips.map(({ address: { address } }) => hostPrefix(address));
}

function podFamilies(ips: readonly IpConfig[]): Family[] {
  return familiesOf(ips.map(({ address }) => address));
}
