/** Which node has which range where several say that they have it, and which ranges no route may lead to. */

import { ADDRESS_BITS } from "../../addr/address.ts";
import { formatPrefix, lastAddressOf, networkOf, type Prefix, prefixesOverlap } from "../../addr/prefix.ts";
import type { ClusterNode } from "../nodes/node.ts";

/** A range that is not taken. */
export interface Refusal {
  /** Name of the node that says it has it. */
  readonly node: string;
  readonly problem: string;
}

export interface Claims {
  /** By the names of nodes. */
  readonly granted: ReadonlyMap<string, readonly Prefix[]>;
  readonly refusals: readonly Refusal[];
}

/** A network that an interface of this node is in. */
export interface NodeNetwork {
  readonly ifname: string;
  readonly prefix: Prefix;
}

interface Claim {
  readonly node: string;
  readonly range: Prefix;
}

/**
 * This node's own ranges stay its own; of two others' that overlap the first node's by name is taken. A range that covers a
 * network of this node would cut it off, and is refused.
 */
export function claimRanges(
  own: ClusterNode,
  peers: readonly ClusterNode[],
  nodeNetworks: readonly NodeNetwork[],
): Claims {
  const refusals: Refusal[] = own.ranges.flatMap((range) => {
    const network = nodeNetworks.find(({ prefix }) => prefixesOverlap(prefix, range));
    return network === undefined ? [] : [{ node: own.name, problem: describeNetwork(range, network) }];
  });
  const claims = [own, ...peers.toSorted(byName)].flatMap(({ name: node, ranges }) =>
    ranges.map((range) => ({ node, range })),
  );
  const losers = findLosers(claims);
  const granted = new Map<string, Prefix[]>(own.ranges.length === 0 ? [] : [[own.name, [...own.ranges]]]);
  for (const claim of claims) {
    const { node, range } = claim;
    if (node === own.name) continue;
    const winner = losers.get(claim);
    const network = nodeNetworks.find(({ prefix }) => prefixesOverlap(prefix, range));
    if (winner !== undefined) refusals.push({ node, problem: describeWinner(range, winner) });
    else if (network !== undefined) refusals.push({ node, problem: describeNetwork(range, network) });
    else granted.set(node, [...(granted.get(node) ?? []), range]);
  }
  return { granted, refusals };
}

function byName(a: ClusterNode, b: ClusterNode): number {
  return a.name < b.name ? -1 : 1;
}

function describeNetwork(range: Prefix, { ifname, prefix }: NodeNetwork): string {
  const network = formatPrefix(networkOf(prefix));
  return `range ${formatPrefix(range)} overlaps ${network}, which this node has on ${ifname}`;
}

function describeWinner(range: Prefix, winner: Claim): string {
  return `range ${formatPrefix(range)} overlaps ${formatPrefix(winner.range)} of node ${winner.node}`;
}

/** Each claim that overlaps one before it that stands, with that one. */
function findLosers(claims: readonly Claim[]): Map<Claim, Claim> {
  const losers = new Map<Claim, Claim>();
  // In the order of addresses, none overlapping another.
  const standing: { readonly claim: Claim; readonly first: bigint; readonly last: bigint }[] = [];
  for (const claim of claims) {
    const [first, last] = [firstKey(claim.range), lastKey(claim.range)];
    const place = placeOf(standing, first);
    const winner = [standing[place - 1], standing[place]].find(
      (one) => one !== undefined && one.first <= last && one.last >= first,
    );
    if (winner === undefined) standing.splice(place, 0, { claim, first, last });
    else losers.set(claim, winner.claim);
  }
  return losers;
}

/** Of the first that begins there or behind it. */
function placeOf(sorted: readonly { readonly first: bigint }[], first: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle]?.first ?? 0n) < first) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Both families in one order, apart. */
function firstKey({ address, ...rest }: Prefix): bigint {
  return networkOf({ address, ...rest }).address.value + familyKey(address.family);
}

function lastKey(range: Prefix): bigint {
  return lastAddressOf(range).value + familyKey(range.address.family);
}

function familyKey(family: 4 | 6): bigint {
  return family === 4 ? 0n : 1n << BigInt(ADDRESS_BITS[6]);
}
