/** The removal of what pods that are gone have left on the node. */

import { formatAddress } from "../addr/address.ts";
import { IpamStore } from "../ipam/store.ts";
import { getLink, type RouteSocket } from "../link/link.ts";
import type { Network } from "../network/model.ts";
import { inetTable } from "../nftables/inet-table.ts";
import { hasTable, type NetfilterSocket } from "../nftables/ruleset.ts";
import { tidy } from "../nftables/tidy.ts";
import { CLAIMS_ROOT, listClaims, lockClaims, releaseClaim } from "../sriov/claims.ts";
import { type Attachment, describeAttachment } from "./attachment.ts";
import { type RemovalSockets, removeAttachment } from "./del.ts";
import { toCniError } from "./errors.ts";
import type { Garbage, StaleAddress } from "./garbage.ts";
import type { Output } from "./output.ts";
import { removalRequestOf } from "./removal-request.ts";
import { sweepUplinks } from "./sweep.ts";
import { sweepGateways } from "./vlan-gateway.ts";

export interface Collecting extends Output {
  readonly sockets: RemovalSockets;
  /** Folders of delegated plugins. */
  readonly path: readonly string[];
  /** Those that uplinks are kept for; undefined where a file is wrong: it may be about any uplink. */
  readonly networks: readonly Network[] | undefined;
}

const UNUSED = "no network and no pod uses it";

/** What became of one thing. */
export interface Collected {
  readonly what: string;
  readonly reason: string;
  /** Why it is still there; absent where it is gone. */
  readonly problem?: string;
}

/** Removes all of it, past failures. */
export function collectGarbage({ attachments, addresses }: Garbage, collecting: Collecting): Collected[] {
  return [
    ...attachments.map(({ attachment, netns, reason }) =>
      attempt({ what: describeAttachment(attachment), reason }, () =>
        removeWhole(attachment, netns, collecting),
      ),
    ),
    ...addresses.map((stale) =>
      attempt({ what: describeAddress(stale), reason: "nobody has it" }, () =>
        freeAddress(stale, collecting),
      ),
    ),
    ...sweep(collecting),
  ];
}

/** The attachment with the claim on its virtual function, which goes with its record, or else with nothing. */
export function removeWhole(
  attachment: Attachment,
  netns: string,
  { sockets, path, ...output }: Omit<Collecting, "networks">,
): void {
  removeAttachment(removalRequestOf(attachment, netns, path), sockets, output);
  const owner = describeAttachment(attachment);
  for (const [pciAddress, claim] of listClaims(CLAIMS_ROOT)) {
    if (claim.owner !== owner) continue;
    using lock = lockClaims(CLAIMS_ROOT);
    releaseClaim(lock, pciAddress, owner);
  }
}

/** Where its file is still as it was; one that names nobody goes as soon as it is read. */
export function freeAddress({ folder, holder }: StaleAddress, { report }: Output): void {
  using store = IpamStore.open(folder.dataDir, folder.network, report);
  if (holder.owner === undefined) store.ownerOf(holder.address);
  else store.release(holder.address, holder.owner);
}

export function describeAddress({ folder: { network }, holder: { address } }: StaleAddress): string {
  return `address ${formatAddress(address)} of ${network}`;
}

/** What pods shared, and what networks by name shared; says only what was there. */
function sweep({ sockets: { host, netfilter }, networks }: Collecting): Collected[] {
  const swept: string[] = [];
  const sweeps: Readonly<Record<string, () => void>> = {
    "rules that pods shared": () => tidyRuleset(host, netfilter.getIfSupported()),
    "gateways of VLANs": () => swept.push(...sweepGateways(host)),
    "interfaces that networks shared": () => swept.push(...(networks ? sweepUplinks(host, networks) : [])),
  };
  const failed = Object.entries(sweeps)
    .map(([what, action]) => attempt({ what, reason: UNUSED }, action))
    .filter(({ problem }) => problem !== undefined);
  return [...swept.map((what) => ({ what, reason: UNUSED })), ...failed];
}

function tidyRuleset(host: RouteSocket, socket: NetfilterSocket | undefined): void {
  if (socket !== undefined && hasTable(socket, inetTable))
    tidy(socket, (ifname) => getLink(host, ifname) !== undefined);
}

function attempt(collected: Collected, action: () => void): Collected {
  try {
    action();
    return collected;
  } catch (error) {
    return { ...collected, problem: toCniError(error).message };
  }
}
