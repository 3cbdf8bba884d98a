/** The bridge, or the node's interface in its VLAN, as the pods' gateway: addresses, and forwarding on the host. */

import { sameAddress } from "../../../addr/address.ts";
import { formatPrefix, type Prefix, prefixContains, prefixesOverlap } from "../../../addr/prefix.ts";
import type { IpConfig } from "../../../cni/result.ts";
import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { addAddressRequest, deleteAddressRequest, listAddresses } from "../../../link/address.ts";
import {
  checkRouter,
  ensureForwarding,
  ensureRouter,
  forwardingKey,
  listUnforwarded,
} from "../../../link/forwarding.ts";
import { getLink, type Link } from "../../../link/link.ts";
import { NetlinkError } from "../../../netlink/error.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import { distinct } from "../../plan/pod-addressing.ts";
import { ingressOfRecord } from "../../rules/ingress.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";

/** fe80::/10 */
const LINK_LOCAL: Prefix = { address: { family: 6, value: 0xfe80n << 112n }, prefixLength: 10 };

export const configureGateway = {
  name: "configureGateway",

  /** `gateway`: the bridge, or the node's interface in its VLAN. */
  add(context: AddContext<BridgePlan>, gateway: Link, ips: readonly IpConfig[]): void {
    if (!context.plan.link.isGateway) return;
    const gateways = gatewayPrefixes(ips);
    putAddresses(context, gateway, gateways);
    const families = familiesOf(gateways);
    ensureForwarding(context.host, families);
    ensureRouter(context.host, gateway, families);
  },

  check({ links, wanted, host, prevResult }: CheckContext): string[] {
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
      ...listUnforwarded(host, families).map((family) => `sysctl ${forwardingKey(family)} is 0, want 1`),
      ...checkRouter(gateway, families),
    ];
  },
};

/** The gateways with their subnets' prefix lengths, each once. */
function gatewayPrefixes(ips: readonly IpConfig[]): Prefix[] {
  const all = ips.flatMap(({ address, gateway }) =>
    gateway === undefined ? [] : [{ address: gateway, prefixLength: address.prefixLength }],
  );
  return distinct(all, isSamePrefix);
}

function familiesOf(prefixes: readonly Prefix[]) {
  return ([4, 6] as const).filter((family) => prefixes.some((prefix) => prefix.address.family === family));
}

function isSamePrefix(a: Prefix, b: Prefix): boolean {
  return sameAddress(a.address, b.address) && a.prefixLength === b.prefixLength;
}

function putAddresses(
  { host, plan }: AddContext<BridgePlan>,
  { ifindex, ifname }: Link,
  gateways: readonly Prefix[],
): void {
  const present = listAddresses(host, ifindex).map((entry) => entry.prefix);
  const missing = gateways.filter((gateway) => !present.some((prefix) => isSamePrefix(prefix, gateway)));
  const conflicts = missing.length === 0 ? [] : present.filter((prefix) => isConflict(prefix, gateways));
  if (conflicts.length > 0 && !plan.link.forceAddress) throw conflictError(ifname, conflicts, missing);
  host.requestAll(conflicts.map((prefix) => deleteAddressRequest(ifindex, prefix)));
  const requests = missing.map((gateway) => addAddressRequest(ifindex, gateway, false));
  for (const { refusal } of host.exchange(requests)) {
    const isDone = refusal === undefined || refusal.errno === "EEXIST"; // another ADD was faster
    if (!isDone) throw new NetlinkError(refusal);
  }
}

/** In the way of the gateways: any other IPv4 address, or an IPv6 address of an overlapping prefix. */
function isConflict(present: Prefix, gateways: readonly Prefix[]): boolean {
  const { address } = present;
  if (prefixContains(LINK_LOCAL, address)) return false;
  const isOneOfThem = gateways.some((gateway) => isSamePrefix(gateway, present));
  const sameFamily = gateways.filter((gateway) => gateway.address.family === address.family);
  if (isOneOfThem || sameFamily.length === 0) return false;
  return address.family === 4 || sameFamily.some((gateway) => prefixesOverlap(gateway, present));
}

function conflictError(bridge: string, conflicts: readonly Prefix[], missing: readonly Prefix[]): CniError {
  const has = conflicts.map(formatPrefix).join(", ");
  const problem = `bridge "${bridge}" already has ${has}, which is in the way of ${missing.map(formatPrefix).join(", ")}`;
  return new CniError(
    CNI_ERROR.alreadyExists,
    problem,
    'remove that address, use another bridge, or set "forceAddress": true',
  );
}
