/** Overlaps of a network's addresses with other networks and configurations. */

import { formatAddress } from "../addr/address.ts";
import { formatPrefix, type Prefix, prefixesOverlap } from "../addr/prefix.ts";
import { describeRange, rangeHas } from "./format/range.ts";
import type { Network, NetworkRange } from "./model.ts";

/** Addresses in use elsewhere. */
export interface Occupied {
  readonly prefix: Prefix;
  /** Whose: `the pod network of /etc/cni/net.d/10-podwire.conflist`. */
  readonly holder: string;
}

/**
 * The first conflict in words; undefined where there is none.
 *
 * Networks on one VLAN may share a subnet, with ranges apart. A subnet on two VLANs would be two places for one
 * address, so it is a conflict also where the ranges are apart.
 */
export function findOverlap(
  network: Network,
  others: readonly Network[],
  occupied: readonly Occupied[],
): string | undefined {
  for (const other of others) {
    if (other.name === network.name) continue;
    const conflict = findConflict(network, other);
    if (conflict !== undefined) return `overlaps with network "${other.name}": ${conflict}`;
  }
  for (const { subnet } of network.ranges) {
    const taken = occupied.find(({ prefix }) => prefixesOverlap(prefix, subnet));
    if (taken !== undefined) {
      return `overlaps with ${taken.holder}: subnet ${formatPrefix(subnet)} and ${formatPrefix(taken.prefix)}`;
    }
  }
  return undefined;
}

function findConflict(network: Network, other: Network): string | undefined {
  for (const a of network.ranges) {
    for (const b of other.ranges) {
      const conflict = conflictOf(a, b) ?? (network.vlan === other.vlan ? undefined : sharedSubnet(a, b));
      if (conflict !== undefined) return conflict;
    }
  }
  return undefined;
}

function conflictOf(a: NetworkRange, b: NetworkRange): string | undefined {
  if (a.start.family !== b.start.family) return undefined;
  if (a.start.value <= b.end.value && b.start.value <= a.end.value) {
    return `ranges ${describeRange(a)} and ${describeRange(b)}`;
  }
  if (b.gateway !== undefined && rangeHas(a, b.gateway)) {
    return `its gateway ${formatAddress(b.gateway)} is inside the range ${describeRange(a)}`;
  }
  if (a.gateway !== undefined && rangeHas(b, a.gateway)) {
    return `the gateway ${formatAddress(a.gateway)} is inside its range ${describeRange(b)}`;
  }
  const isSame = formatPrefix(a.subnet) === formatPrefix(b.subnet);
  return isSame ? undefined : sharedSubnet(a, b);
}

function sharedSubnet(a: NetworkRange, b: NetworkRange): string | undefined {
  if (!prefixesOverlap(a.subnet, b.subnet)) return undefined;
  return `subnets ${formatPrefix(a.subnet)} and ${formatPrefix(b.subnet)}, on two VLANs or of two sizes`;
}
