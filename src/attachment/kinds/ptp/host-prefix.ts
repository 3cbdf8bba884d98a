/** One address as a network of its own. */

import { ADDRESS_BITS, type Address } from "../../../addr/address.ts";
import type { Prefix } from "../../../addr/prefix.ts";

/** Of length 32 or 128. */
export function hostPrefix(address: Address): Prefix {
  return { address, prefixLength: ADDRESS_BITS[address.family] };
}
