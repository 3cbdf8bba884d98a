/** The addresses of a bridge that is the pods' gateway. */

import { isLinkLocal, sameAddress } from "../../../addr/address.ts";
import { formatPrefix, type Prefix, prefixesOverlap } from "../../../addr/prefix.ts";
import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { addAddressRequest, deleteAddressRequest, listAddresses } from "../../../link/address.ts";
import type { Link } from "../../../link/link.ts";
import { NetlinkError } from "../../../netlink/error.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import { describeAttachment } from "../../attachment.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import { listRecords } from "../../record/list.ts";
import type { AddContext } from "../../steps/step.ts";

function isSamePrefix(a: Prefix, b: Prefix): boolean {
  return sameAddress(a.address, b.address) && a.prefixLength === b.prefixLength;
}

/** @throws {CniError} 100: others are in the way */
export function putAddresses(
  context: AddContext<BridgePlan>,
  { ifindex, ifname }: Link,
  gateways: readonly Prefix[],
): void {
  const { host, plan } = context;
  const { missing, conflicts } = compareAddresses(host, ifindex, gateways);
  if (conflicts.length > 0 && !plan.link.forceAddress) throw conflictError(ifname, conflicts, missing);
  if (missing.length > 0)
    context.takeBack.push(() => restoreAddresses(context, ifindex, { conflicts, missing }));
  host.requestAll(conflicts.map((prefix) => deleteAddressRequest(ifindex, prefix)));
  const requests = missing.map((gateway) => addAddressRequest(ifindex, gateway, false));
  for (const { refusal } of host.exchange(requests)) {
    const isDone = refusal === undefined || refusal.errno === "EEXIST"; // another ADD was faster
    if (!isDone) throw new NetlinkError(refusal);
  }
}

interface Comparison {
  /** Gateways that the bridge does not have. */
  readonly missing: readonly Prefix[];
  /** Addresses that stand in the way of these. */
  readonly conflicts: readonly Prefix[];
}

function compareAddresses(host: RouteSocket, ifindex: number, gateways: readonly Prefix[]): Comparison {
  const present = listAddresses(host, ifindex).map((entry) => entry.prefix);
  const missing = gateways.filter((gateway) => !present.some((prefix) => isSamePrefix(prefix, gateway)));
  const conflicts = missing.length === 0 ? [] : present.filter((prefix) => isConflict(prefix, gateways));
  return { missing, conflicts };
}

/** What `putAddresses` would refuse, in words. */
export function whyNoGateway(
  host: RouteSocket,
  { ifindex, ifname }: Link,
  gateways: readonly Prefix[],
): string | undefined {
  const { missing, conflicts } = compareAddresses(host, ifindex, gateways);
  return conflicts.length === 0 ? undefined : conflictError(ifname, conflicts, missing).message;
}

/** Where another pod has come meanwhile, the addresses are its too. */
function restoreAddresses(
  { host, plan }: AddContext<BridgePlan>,
  ifindex: number,
  { conflicts, missing }: Comparison,
): void {
  const own = describeAttachment(plan.attachment);
  const isShared = listRecords().some(
    (record) => record.bridge === plan.link.bridge && describeAttachment(record) !== own,
  );
  if (isShared) return;
  host.exchange([
    ...missing.map((prefix) => deleteAddressRequest(ifindex, prefix)),
    ...conflicts.map((prefix) => addAddressRequest(ifindex, prefix, false)),
  ]);
}

/** In the way of the gateways: any other IPv4 address, or an IPv6 address of an overlapping prefix. */
function isConflict(present: Prefix, gateways: readonly Prefix[]): boolean {
  const { address } = present;
  if (isLinkLocal(address)) return false;
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
