/** An element of a set or map: all that an attachment has in the ruleset. */

import type { HashedChain } from "../tables/hashed-chain.ts";

export interface Element {
  readonly table: "inet" | "bridge";
  readonly set: string;
  readonly key: Uint8Array;
  /** Absent in sets. */
  readonly value?: Uint8Array | { readonly chain: string };
  /** The chain that the value names, for it to be made where it is missing; absent in elements that the kernel shows. */
  readonly target?: HashedChain;
  /** The attachment that it belongs to, in its comment; empty for what the attachments of a bridge share. */
  readonly owner: string;
}

/** Equal for elements of the same set and key. */
export function identityOf({ table, set, key }: Element): string {
  return `${table} ${set} ${key.toHex()}`;
}

/** True where both lead to the same place, or neither leads anywhere. */
export function isSameValue({ value: a }: Element, { value: b }: Element): boolean {
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.toHex() === b.toHex();
  return a === undefined ? b === undefined : !(b instanceof Uint8Array) && a.chain === b?.chain;
}
