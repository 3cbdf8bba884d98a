/** One address range of a network: what it may be, and its JSON. */

import { ADDRESS_BITS, type Address, formatAddress, parseAddress, sameAddress } from "../../addr/address.ts";
import {
  formatPrefix,
  lastAddressOf,
  networkOf,
  type Prefix,
  parsePrefix,
  prefixContains,
} from "../../addr/prefix.ts";
import { type Fields, required, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located } from "../../json/located.ts";
import type { NetworkRange } from "../model.ts";
import { present, textField } from "./forms.ts";

export const ADDRESS = { parse: parseAddress, wanted: 'an address like "10.1.0.5" or "fd00::5"' };
const SUBNET = { parse: parsePrefix, wanted: 'a subnet like "10.1.0.0/24" or "fd00::/64"' };
const KEYS = ["subnet", "start", "end", "gateway"];

/** Bits of the host part of the smallest subnet that has addresses for pods, as with host-local. */
const HOST_BITS = 2;

/** @throws {InvalidFile} */
export function decodeRange(located: Located): NetworkRange {
  const fields = toKnownFields(located, KEYS);
  const subnet = decodeSubnet(fields);
  const start = required(fields, "start", textField(fields, "start", ADDRESS));
  const end = required(fields, "end", textField(fields, "end", ADDRESS));
  const range = present<NetworkRange>({
    subnet,
    start,
    end,
    gateway: textField(fields, "gateway", ADDRESS),
  });
  checkEnds(fields, range);
  checkGateway(fields, range);
  return range;
}

function decodeSubnet(fields: Fields): Prefix {
  const subnet = required(fields, "subnet", textField(fields, "subnet", SUBNET));
  const network = networkOf(subnet);
  if (!sameAddress(network.address, subnet.address)) {
    throw faultAt(
      fields,
      "subnet",
      `${formatPrefix(subnet)} has host bits set, want ${formatPrefix(network)}`,
    );
  }
  const longest = ADDRESS_BITS[subnet.address.family] - HOST_BITS;
  if (subnet.prefixLength > longest) {
    throw faultAt(fields, "subnet", `${formatPrefix(subnet)} is too small, want /${longest} or larger`);
  }
  return subnet;
}

function checkEnds(fields: Fields, { subnet, start, end }: NetworkRange): void {
  requireInside(fields, "start", { subnet, address: start });
  requireInside(fields, "end", { subnet, address: end });
  if (start.value > end.value) {
    throw faultAt(fields, "end", `${formatAddress(end)} is before the start, ${formatAddress(start)}`);
  }
  if (sameAddress(start, subnet.address)) {
    throw faultAt(fields, "start", `${formatAddress(start)} is the address of the subnet itself`);
  }
  if (end.family === 4 && sameAddress(end, lastAddressOf(subnet))) {
    throw faultAt(fields, "end", `${formatAddress(end)} is the broadcast address of ${formatPrefix(subnet)}`);
  }
}

function checkGateway(fields: Fields, range: NetworkRange): void {
  const { subnet, gateway } = range;
  if (gateway === undefined) return;
  requireInside(fields, "gateway", { subnet, address: gateway });
  const isSpecial = sameAddress(gateway, subnet.address) || sameAddress(gateway, lastAddressOf(subnet));
  if (gateway.family === 4 && isSpecial) {
    throw faultAt(
      fields,
      "gateway",
      `${formatAddress(gateway)} is no host's address in ${formatPrefix(subnet)}`,
    );
  }
  if (rangeHas(range, gateway)) {
    throw faultAt(fields, "gateway", `${formatAddress(gateway)} is inside the range ${describeRange(range)}`);
  }
}

function requireInside(
  fields: Fields,
  key: string,
  { subnet, address }: { readonly subnet: Prefix; readonly address: Address },
): void {
  if (prefixContains(subnet, address)) return;
  throw faultAt(fields, key, `"${formatAddress(address)}" is not in subnet ${formatPrefix(subnet)}`);
}

/** The JSON of a range. */
export function encodeRange({ subnet, start, end, gateway }: NetworkRange) {
  return {
    subnet: formatPrefix(subnet),
    start: formatAddress(start),
    end: formatAddress(end),
    ...(gateway === undefined ? {} : { gateway: formatAddress(gateway) }),
  };
}

export function rangeHas({ start, end }: NetworkRange, { family, value }: Address): boolean {
  return family === start.family && start.value <= value && value <= end.value;
}

export function describeRange({ start, end }: NetworkRange): string {
  return `${formatAddress(start)}-${formatAddress(end)}`;
}
