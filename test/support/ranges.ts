/** Range sets and reservations for tests of the allocator, written as short text. */

import type { Address } from "../../src/addr/address.ts";
import { formatAddress } from "../../src/addr/address.ts";
import type { Allocation, Reservations } from "../../src/ipam/allocate.ts";
import { type Range, type RangeSet, toRange } from "../../src/ipam/range.ts";
import { address, prefix } from "./values.ts";

/** `10.0.0.0/24`, `10.0.0.0/24 10.0.0.5-10.0.0.9` or either with `via 10.0.0.9` after it. */
export function range(text: string): Range {
  const [, subnet = "", start, end, gateway] = /^(\S+)(?: ([^-\s]*)-(\S*))?(?: via (\S+))?$/.exec(text) ?? [];
  const optional = (value: string | undefined) => (value ? address(value) : undefined);
  return toRange({
    subnet: prefix(subnet),
    rangeStart: optional(start),
    rangeEnd: optional(end),
    gateway: optional(gateway),
  });
}

/** Ranges of one set, separated by commas. */
export function rangeSet(text: string): RangeSet {
  return text.split(", ").map(range);
}

/** A store in memory; `last` is each set's round-robin marker. */
export function reservations(
  taken: readonly string[] = [],
  last: readonly (string | undefined)[] = [],
): Reservations {
  const names = new Set(taken);
  return {
    isTaken: (value: Address) => names.has(formatAddress(value)),
    lastReserved: (setIndex) => {
      const text = last[setIndex];
      return text === undefined ? undefined : address(text);
    },
  };
}

/** `10.0.0.2/24 via 10.0.0.1` for each allocation. */
export function texts(allocations: readonly Allocation[]): string[] {
  return allocations.map(
    ({ address: given, gateway }) =>
      `${formatAddress(given.address)}/${given.prefixLength} via ${gateway && formatAddress(gateway)}`,
  );
}
