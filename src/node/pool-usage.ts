/** How full an address pool is. */

import { type Address, formatAddress } from "../addr/address.ts";
import { lastAddressOf } from "../addr/prefix.ts";
import { describeRangeSet, isAllocatable, isGateway, type RangeSet, rangeContains } from "../ipam/range.ts";
import type { Pool } from "./pools.ts";

/** One range set of a pool; a pool without has one of what its directory tells. */
export interface SetUsage {
  readonly network: string;
  readonly dataDir: string;
  /** Empty where no configuration tells. */
  readonly range: string;
  /** Undefined where no configuration tells. */
  readonly family: 4 | 6 | undefined;
  /** Reserved by pods or kept by endpoints, each address once. */
  readonly used: number;
  /** Undefined where no configuration tells. */
  readonly total: bigint | undefined;
}

/** One for each range set. `reserved`: of the pool's directory. */
export function usageOfPool(
  { network, dataDir, sets, endpoints }: Pool,
  reserved: readonly Address[],
): SetUsage[] {
  const kept = endpoints.flatMap(({ addresses }) => addresses);
  const taken = new Map([...reserved, ...kept].map((address) => [formatAddress(address), address]));
  const addresses = [...taken.values()];
  if (sets.length === 0)
    return [{ network, dataDir, range: "", family: undefined, used: addresses.length, total: undefined }];
  return sets.map((set) => ({
    network,
    dataDir,
    range: describeRangeSet(set),
    family: set[0]?.subnet.address.family,
    used: addresses.filter((address) => set.some((range) => rangeContains(range, address))).length,
    total: sizeOf(sets, set),
  }));
}

/** Addresses that were asked for by name may be among those that are never chosen. */
export function freeOf(total: bigint, used: number): bigint {
  const free = total - BigInt(used);
  return free < 0n ? 0n : free;
}

/** How many addresses of a set can be given out: network, broadcast and gateway addresses are not. */
export function sizeOf(sets: readonly RangeSet[], set: RangeSet): bigint {
  const all = set.reduce((sum, { start, end }) => sum + end.value - start.value + 1n, 0n);
  return all - BigInt(keptBack(sets, set).size);
}

function keptBack(sets: readonly RangeSet[], set: RangeSet): Set<string> {
  const special = sets
    .flat()
    .flatMap(({ subnet, gateway }) => [subnet.address, lastAddressOf(subnet), ...(gateway ? [gateway] : [])]);
  const isKept = (address: Address) =>
    set.some(
      (range) =>
        rangeContains(range, address) && (!isAllocatable(range, address) || isGateway(sets, address)),
    );
  return new Set(special.filter(isKept).map(formatAddress));
}
