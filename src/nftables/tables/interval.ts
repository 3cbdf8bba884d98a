/** Intervals of addresses, and the elements by which a set holds them. */

import { ADDRESS_BITS, addressToBytes, type Family } from "../../addr/address.ts";
import { lastAddressOf, networkOf, type Prefix } from "../../addr/prefix.ts";
import { INTERVAL_END, type SetElement } from "../../netlink/netfilter/nf-tables.ts";

/** First and last address. */
export interface Interval {
  readonly first: bigint;
  readonly last: bigint;
}

/** The prefixes of a family, in order and apart: the kernel refuses intervals that overlap. */
export function mergedIntervals(prefixes: readonly Prefix[], family: Family): Interval[] {
  const merged: Interval[] = [];
  const own = prefixes.filter((prefix) => prefix.address.family === family);
  const sorted = own
    .map((prefix) => ({ first: networkOf(prefix).address.value, last: lastAddressOf(prefix).value }))
    .sort((a, b) => (a.first < b.first ? -1 : 1));
  for (const { first, last } of sorted) {
    const previous = merged.at(-1);
    if (previous === undefined || first > previous.last + 1n) merged.push({ first, last });
    else if (last > previous.last) merged[merged.length - 1] = { first: previous.first, last };
  }
  return merged;
}

/** Each interval by its first key and the first after it; before them, the end of nothing, as nft(8) writes it. */
export function intervalElements(family: Family, intervals: readonly Interval[]): SetElement[] {
  const end = 1n << BigInt(ADDRESS_BITS[family]);
  const keyed = (value: bigint) => ({
    NFTA_SET_ELEM_KEY: { NFTA_DATA_VALUE: addressToBytes({ family, value }) },
  });
  const nothing = intervals[0]?.first === 0n ? [] : [{ ...keyed(0n), NFTA_SET_ELEM_FLAGS: INTERVAL_END }];
  const bounds = intervals.flatMap(({ first, last }) =>
    last + 1n === end
      ? [keyed(first)]
      : [keyed(first), { ...keyed(last + 1n), NFTA_SET_ELEM_FLAGS: INTERVAL_END }],
  );
  return [...nothing, ...bounds];
}
