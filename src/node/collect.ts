/** The removal of what pods that are gone have left on the node. */

import { formatAddress } from "../addr/address.ts";
import { describeAttachment } from "../attachment/attachment.ts";
import { openSockets, type RemovalSockets, removeAttachment } from "../attachment/del.ts";
import { toCniError } from "../attachment/errors.ts";
import type { Output } from "../attachment/output.ts";
import { factsOf } from "../attachment/removal.ts";
import { sweepUplinks } from "../attachment/sweep.ts";
import { tidyRuleset } from "../attachment/tidy-ruleset.ts";
import { sweepGateways } from "../attachment/vlan-gateway.ts";
import { IpamStore } from "../ipam/store.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { listNetworks } from "../network/files.ts";
import { findGarbage, type Garbage, type StaleAddress } from "./garbage.ts";
import { readNodeFacts } from "./holders.ts";
import { listPools } from "./pools.ts";

export interface Places {
  /** Folders of delegated plugins. */
  readonly path: readonly string[];
  /** Where networks by name are, which uplinks are kept for. */
  readonly configDir: string;
}

export interface Collecting extends Output, Places {
  readonly sockets: RemovalSockets;
}

const UNUSED = "no network and no pod uses it";

/** What became of one thing. */
export interface Collected {
  readonly what: string;
  readonly reason: string;
  /** Why it is still there; absent where it is gone. */
  readonly problem?: string;
}

/** Finds and removes it in one go, from live namespaces alone. */
export function cleanUp({ configDir, path }: Places, output: Output): Collected[] {
  using sockets = openSockets(output);
  const garbage = findGarbage({ sockets, folders: listPools(configDir), facts: readNodeFacts() });
  return collectGarbage(garbage, { ...output, sockets, path, configDir });
}

/** Removes all of it, past failures. */
export function collectGarbage({ attachments, addresses }: Garbage, collecting: Collecting): Collected[] {
  return [
    ...attachments.map(({ attachment, netns, reason }) =>
      attempt({ what: describeAttachment(attachment), reason }, () =>
        removeAttachment(attachment, factsOf(attachment, netns, collecting.path), collecting.sockets),
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
function sweep({ sockets: { host, netfilter }, configDir }: Collecting): Collected[] {
  const swept: string[] = [];
  const sweeps: Readonly<Record<string, () => void>> = {
    "rules that pods shared": () => tidyRuleset(host, netfilter),
    "gateways of VLANs": () => swept.push(...sweepGateways(host)),
    "interfaces that networks shared": () => swept.push(...sweepUnused(host, configDir)),
  };
  const failed = Object.entries(sweeps)
    .map(([what, action]) => attempt({ what, reason: UNUSED }, action))
    .filter(({ problem }) => problem !== undefined);
  return [...swept.map((what) => ({ what, reason: UNUSED })), ...failed];
}

/** Nothing where a network's file is wrong: it may be about any uplink. */
function sweepUnused(host: RouteSocket, configDir: string): string[] {
  const { networks, faults } = listNetworks(configDir);
  return faults.length > 0 ? [] : sweepUplinks(host, networks);
}

function attempt(collected: Collected, action: () => void): Collected {
  try {
    action();
    return collected;
  } catch (error) {
    return { ...collected, problem: toCniError(error).message };
  }
}
