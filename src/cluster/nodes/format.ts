/** The document of a node: its file `nodes/<name>.json`, and the spec of its NodeNetwork in Kubernetes. */

import { ADDRESS_BITS, type Address, formatAddress, isLinkLocal, parseAddress } from "../../addr/address.ts";
import { isStationMac, parseMac } from "../../addr/mac.ts";
import { LARGEST_MTU, SMALLEST_MTU } from "../../addr/mtu.ts";
import { formatPrefix, networkOf, type Prefix, parsePrefix, prefixesOverlap } from "../../addr/prefix.ts";
import { type Fields, field, integerField, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located, mismatch, toItems } from "../../json/located.ts";
import {
  itemsField,
  plainText,
  present,
  type TextForm,
  textField,
  toForm,
} from "../../network/format/forms.ts";
import { type ClusterNode, macOfName } from "./node.ts";

/** What a node's document says of it. */
export const NODE_FIELDS = ["addresses", "ranges", "mtu", "mac"] as const;
const KEYS = ["$schema", "name", ...NODE_FIELDS];
const LONGEST_NAME = 253;

export const WANT_NODE_NAME = `at most ${LONGEST_NAME} small letters, digits, "-" and ".", a letter or digit at both ends of each part`;

/** True for an RFC 1123 subdomain, as nodes of Kubernetes are called. Never a path. */
export function isNodeName(text: string): boolean {
  return (
    text.length <= LONGEST_NAME &&
    text.split(".").every((part) => /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(part))
  );
}

const ADDRESS: TextForm<Address> = {
  parse: (text) => {
    const address = parseAddress(text);
    return address === undefined || isLinkLocal(address) || address.value === 0n ? undefined : address;
  },
  wanted: "an address that every node reaches",
};

const MAC = {
  parse: (text: string) => {
    const mac = parseMac(text);
    return mac !== undefined && isStationMac(mac) ? mac : undefined;
  },
  wanted: "a MAC address of a station",
};

/** A network of pods: room for a gateway and a pod at least. */
export const RANGE: TextForm<Prefix> = {
  parse: (text) => {
    const prefix = parsePrefix(text);
    if (prefix === undefined || formatPrefix(networkOf(prefix)) !== formatPrefix(prefix)) return undefined;
    const hostBits = ADDRESS_BITS[prefix.address.family] - prefix.prefixLength;
    return prefix.prefixLength > 0 && hostBits >= 2 ? prefix : undefined;
  },
  wanted: "a network of four addresses at least, like 10.244.1.0/24",
};

/** `name`: as the file, or the object, is called. @throws {InvalidFile} */
export function decodeNode(document: Located, name: string): ClusterNode {
  const fields = toKnownFields(document, KEYS);
  requireName(fields, name);
  const addresses = itemsField(fields, "addresses").map((item) => ({ item, address: toForm(item, ADDRESS) }));
  const second = addresses.find(
    ({ address }, index) => addresses.findIndex((one) => one.address.family === address.family) < index,
  );
  if (second !== undefined)
    throw faultAt(second.item, "", "is of the same family as the one before, want one of each");
  return present<ClusterNode>({
    name,
    addresses: addresses.map(({ address }) => address),
    ranges: decodeRanges(fields),
    mtu: integerField(fields, "mtu", SMALLEST_MTU[6], LARGEST_MTU),
    mac: textField(fields, "mac", MAC) ?? macOfName(name),
  });
}

function requireName(fields: Fields, name: string): void {
  if (!isNodeName(name))
    throw faultAt(fields, "name", `"${name}", as the file is called, is no name: want ${WANT_NODE_NAME}`);
  const said = textField(
    fields,
    "name",
    plainText(() => true, `"${name}"`),
  );
  if (said !== undefined && said !== name)
    throw faultAt(fields, "name", `"${said}" is not as the file is called, "${name}"`);
}

function decodeRanges(fields: Fields): Prefix[] {
  const located = field(fields, "ranges");
  if (located === undefined) return [];
  if (!Array.isArray(located.value)) throw mismatch(located, "a list of networks");
  const items = toItems(located).map((item) => ({ item, range: toForm(item, RANGE) }));
  for (const [index, { item, range }] of items.entries()) {
    const other = items.slice(0, index).find((one) => prefixesOverlap(one.range, range));
    if (other !== undefined) throw faultAt(item, "", `overlaps ${formatPrefix(other.range)} before it`);
  }
  return items.map(({ range }) => range);
}

/** As {@link decodeNode} reads it. */
export interface NodeDocument {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly ranges: readonly string[];
  readonly mtu?: number;
  readonly mac?: string;
}

export function encodeNode({ name, addresses, ranges, mtu, mac }: ClusterNode): NodeDocument {
  return {
    name,
    addresses: addresses.map(formatAddress),
    ranges: ranges.map(formatPrefix),
    ...(mtu === undefined ? {} : { mtu }),
    ...(mac === macOfName(name) ? {} : { mac }),
  };
}
