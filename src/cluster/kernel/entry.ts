/** One thing in the kernel that can be wanted, found there, put there and taken away. */

import type { RouteRequest } from "../../netlink/route/protocol.ts";

export interface Entry {
  /** What there can be only one of: `route 10.244.2.0/24`. */
  readonly key: string;
  /** All that matters of it beside the key, as text: other text, other entry. */
  readonly value: string;
  /** Puts it there, in place of another value. */
  readonly add: RouteRequest;
  readonly remove: RouteRequest;
  /** A later one stands on those before: what leads to others comes last and goes first. */
  readonly rank: number;
}

export const RANK = { FDB: 0, NEIGHBOUR: 1, ROUTE: 2 } as const;

/** By key. */
export type Entries = ReadonlyMap<string, Entry>;

export function toEntries(entries: readonly Entry[]): Map<string, Entry> {
  return new Map(entries.map((entry) => [entry.key, entry]));
}

export interface Difference {
  /** In the order in which they have to come. */
  readonly missing: readonly Entry[];
  /** In the order in which they have to go. */
  readonly surplus: readonly Entry[];
}

export function difference(wanted: Entries, present: Entries): Difference {
  const missing = [...wanted.values()].filter(({ key, value }) => present.get(key)?.value !== value);
  const surplus = [...present.values()].filter(({ key }) => !wanted.has(key));
  return {
    missing: missing.toSorted((a, b) => a.rank - b.rank),
    surplus: surplus.toSorted((a, b) => b.rank - a.rank),
  };
}

/** Entries that were made before of the same thing at the same interface: of thousands one changes at a time. */
export class Memo<T extends object> {
  readonly #make: (thing: T, ifindex: number) => Entry[];
  readonly #made = new WeakMap<T, { readonly ifindex: number; readonly entries: Entry[] }>();

  constructor(make: (thing: T, ifindex: number) => Entry[]) {
    this.#make = make;
  }

  of(thing: T, ifindex: number): Entry[] {
    const made = this.#made.get(thing);
    if (made?.ifindex === ifindex) return made.entries;
    const entries = this.#make(thing, ifindex);
    this.#made.set(thing, { ifindex, entries });
    return entries;
  }
}
