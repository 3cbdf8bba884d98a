/** The choice of free addresses: host-local's round robin, without a look at any file. */

import { type Address, addressPlus, formatAddress, sameAddress } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";
import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import {
  describeRangeSet,
  isAllocatable,
  isGateway,
  type Range,
  type RangeSet,
  rangeContains,
} from "./range.ts";

/** What the allocator asks the store. */
export interface Reservations {
  /** True where the address is reserved now. */
  isTaken(address: Address): boolean;
  /** True for an address that the node itself has; absent: not asked. */
  isOfNode?(address: Address): boolean;
  /** The address that was given last from the range set at this index. */
  lastReserved(setIndex: number): Address | undefined;
}

export interface Allocation {
  /** With the prefix length of its subnet. */
  readonly address: Prefix;
  readonly gateway?: Address;
  /** Position of its range set in the pool. */
  readonly setIndex: number;
}

/** No address is left in a range set; one may be later. */
export class PoolExhausted extends PodwireError {
  override readonly name = "PoolExhausted";
  constructor(set: RangeSet, setIndex: number) {
    super(`no free address in range set ${setIndex}: ${describeRangeSet(set)}`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "delete pods, enlarge the range, or free leaked addresses with GC",
    });
  }
}

const HELD = { code: CNI_ERROR.tryAgainLater, advice: "ask for another address, or delete its holder" };
const NOT_OF_POOL = { code: CNI_ERROR.invalidNetconf, advice: "ask for an address of this network" };

/** An address that was asked for by name cannot be had. */
export class AddressUnavailable extends PodwireError {
  override readonly name = "AddressUnavailable";
  /** False where waiting cannot help: the pool does not have that address. */
  readonly mayComeFree: boolean;
  constructor(address: Address, problem: string, mayComeFree: boolean) {
    super(`requested address ${formatAddress(address)} ${problem}`, mayComeFree ? HELD : NOT_OF_POOL);
    this.mayComeFree = mayComeFree;
  }
}

/**
 * Chooses one address for each range set: a requested one that lies in the set, else the next free one.
 * @throws {PoolExhausted} {@link AddressUnavailable}
 */
export function allocate(
  sets: readonly RangeSet[],
  requested: readonly Address[],
  reservations: Reservations,
): Allocation[] {
  const wanted = assignRequested(sets, requested);
  return sets.map((set, setIndex) => {
    const isOfNode = (candidate: Address) => reservations.isOfNode?.(candidate) === true;
    const isFree = (candidate: Address) =>
      !isGateway(sets, candidate) && !reservations.isTaken(candidate) && !isOfNode(candidate);
    const address = wanted.get(setIndex) ?? nextFree(set, reservations.lastReserved(setIndex), isFree);
    const range =
      address === undefined ? undefined : set.find((candidate) => rangeContains(candidate, address));
    if (address === undefined || range === undefined) throw new PoolExhausted(set, setIndex);
    if (wanted.has(setIndex) && reservations.isTaken(address)) {
      throw new AddressUnavailable(address, "is reserved by another attachment", true);
    }
    if (wanted.has(setIndex) && isOfNode(address))
      throw new AddressUnavailable(address, "is an address of the node itself", true);
    return {
      address: { address, prefixLength: range.subnet.prefixLength },
      ...(range.gateway === undefined ? {} : { gateway: range.gateway }),
      setIndex,
    };
  });
}

/** Gives each requested address to the first range set that has it and has none yet. */
function assignRequested(sets: readonly RangeSet[], requested: readonly Address[]): Map<number, Address> {
  const wanted = new Map<number, Address>();
  for (const address of requested) {
    if ([...wanted.values()].some((earlier) => sameAddress(earlier, address))) continue;
    const setIndex = sets.findIndex(
      (set, index) => !wanted.has(index) && set.some((range) => rangeContains(range, address)),
    );
    const range = sets[setIndex]?.find((candidate) => rangeContains(candidate, address));
    if (range === undefined) throw new AddressUnavailable(address, describeMisfit(sets, address), false);
    if (isGateway(sets, address)) {
      throw new AddressUnavailable(address, "is the gateway of its subnet", false);
    }
    wanted.set(setIndex, address);
  }
  return wanted;
}

function describeMisfit(sets: readonly RangeSet[], address: Address): string {
  const isInSome = sets.some((set) => set.some((range) => rangeContains(range, address)));
  if (isInSome) return "is one too many: each range set gives one address";
  return `is in no range of this network: ${sets.map(describeRangeSet).join("; ")}`;
}

/** The first free address after `last`, in ring order over the set's ranges; `last` itself is tried at the end. */
function nextFree(
  set: RangeSet,
  last: Address | undefined,
  isFree: (address: Address) => boolean,
): Address | undefined {
  for (const { range, from, to } of stretches(set, last)) {
    for (
      let at: Address | undefined = from;
      at !== undefined && at.value <= to.value;
      at = addressPlus(at, 1n)
    ) {
      if (isAllocatable(range, at) && isFree(at)) return at;
    }
  }
  return undefined;
}

interface Stretch {
  readonly range: Range;
  readonly from: Address | undefined;
  readonly to: Address;
}

/** Every address of the set once, from the one after `last` on, as stretches within one range. */
function stretches(set: RangeSet, last: Address | undefined): Stretch[] {
  const whole = set.map((range) => ({ range, from: range.start, to: range.end }));
  const range = last && set.find((candidate) => rangeContains(candidate, last));
  if (last === undefined || range === undefined) return whole;
  const home = set.indexOf(range);
  return [
    { range, from: addressPlus(last, 1n), to: range.end },
    ...whole.slice(home + 1),
    ...whole.slice(0, home),
    { range, from: range.start, to: last },
  ];
}
