/** Destinations that a hashed chain makes an exception of. */

import type { Family } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { daddr } from "../../netlink/netfilter/packet-field.ts";
import { inSet, isFamily, returns } from "../../netlink/netfilter/statement.ts";
import type { HashedRule } from "./hashed-chain.ts";
import { type Interval, intervalElements, mergedIntervals } from "./interval.ts";
import { addressType } from "./key.ts";

export type Destinations = Readonly<Record<Family, readonly Interval[]>>;

export const NO_DESTINATIONS: Destinations = { 4: [], 6: [] };

export function destinationsOf(prefixes: readonly Prefix[]): Destinations {
  return { 4: mergedIntervals(prefixes, 4), 6: mergedIntervals(prefixes, 6) };
}

/** The same for the same destinations, however they were written. */
export function describeDestinations(destinations: Destinations): string {
  return [...destinations[4], ...destinations[6]].map(({ first, last }) => `${first}-${last}`).join();
}

/** `ip daddr { … } return` and `ip6 daddr { … } return`. */
export function returnRules(destinations: Destinations): HashedRule[] {
  return ([4, 6] as const).map((family) => ({
    set: { key: addressType(family), bounds: () => intervalElements(family, destinations[family]) },
    expressions: ({ name, id }) => [
      ...isFamily(family),
      ...inSet(name, [daddr(family)], id === undefined ? {} : { id }),
      returns,
    ],
  }));
}
