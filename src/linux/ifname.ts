/** Names of interfaces: how long they may be, and what makes them the same for every process that asks. */

import { xxHash64 } from "./native.ts";

/** Bytes. @see linux/if.h IFNAMSIZ - 1 */
export const IFNAME_BYTES = 15;

/** 16 hexadecimal digits (xxHash64). `seed`: another one gives another fingerprint of the same text. */
export function fingerprintOf(text: string, seed = 0n): string {
  return xxHash64(text, seed).toString(16).padStart(16, "0");
}
