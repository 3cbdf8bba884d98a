/** Lists of networks that something does not hold for. */

import { parseAddress } from "../../addr/address.ts";
import { networkOf, type Prefix, parsePrefix, singlePrefix } from "../../addr/prefix.ts";
import { type Fields, type KeyOf, listField } from "../../json/fields.ts";
import { parsed } from "../../json/located.ts";

/** Empty where the field is absent; an address without a length is a network of its own. @throws {CniError} 7 */
export function decodeExclusions<T>(fields: Fields<T>, key: KeyOf<T>): Prefix[] {
  return (listField(fields, key) ?? []).map((item) =>
    networkOf(parsed(item, parseExclusion, 'a network like "10.0.0.0/8" or "fd00::/8"')),
  );
}

function parseExclusion(text: string): Prefix | undefined {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : singlePrefix(address);
}
