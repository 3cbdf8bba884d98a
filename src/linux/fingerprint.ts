/** Fingerprints of texts, for generated names: equal wherever they are computed. */

import { xxHash64 } from "./native.ts";

/** 16 hexadecimal digits (xxHash64). `seed`: another one gives another fingerprint of the same text. */
export function fingerprintOf(text: string, seed = 0n): string {
  return xxHash64(text, seed).toString(16).padStart(16, "0");
}
