/** A persistent endpoint: what it may be, its JSON, and whether it fits its network. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { required, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located } from "../../json/located.ts";
import type { Endpoint, Network } from "../model.ts";
import { isName, WANT_NAME } from "../name.ts";
import { itemsField, plainText, present, textField, toForm } from "./forms.ts";
import { decodeLabels } from "./labels.ts";
import { decodeObjectName, OBJECT_KEYS } from "./object-name.ts";
import { ADDRESS, describeRange, rangeHas } from "./range.ts";

const KEYS = ["namespace", "network", "addresses", "labels"];
const NAME = plainText(isName, WANT_NAME);

/** Which endpoint: names are unique within a namespace of Kubernetes. */
export type EndpointId = Pick<Endpoint, "namespace" | "name">;

/** `id`: as the file's name gives it. @throws {InvalidFile} */
export function decodeEndpoint(document: Located, { namespace, name }: EndpointId): Endpoint {
  const fields = toKnownFields(document, [...OBJECT_KEYS, ...KEYS]);
  decodeObjectName(fields, "namespace", namespace);
  decodeObjectName(fields, "name", name);
  const items = itemsField(fields, "addresses");
  const addresses = items.map((item) => toForm(item, ADDRESS));
  const families = addresses.map((address) => address.family);
  const second = items.find((_, index) => families.indexOf(families[index] ?? 4) < index);
  if (second !== undefined)
    throw faultAt(second, "", "is of the same family as the one before, want one for each");
  return present<Endpoint>({
    name,
    namespace,
    network: required(fields, "network", textField(fields, "network", NAME)),
    addresses,
    labels: decodeLabels(fields),
  });
}

/** The JSON of an endpoint. */
export function encodeEndpoint(endpoint: Endpoint): object {
  return { ...endpoint, addresses: endpoint.addresses.map(formatAddress) };
}

/** Why an endpoint cannot have these addresses in this network; undefined where it can: one of each range. */
export function describeMisfit(addresses: readonly Address[], network: Network): string | undefined {
  const stray = addresses.find((address) => !network.ranges.some((range) => rangeHas(range, address)));
  const ranges = network.ranges.map(describeRange).join(" and ");
  if (stray !== undefined) {
    return `address ${formatAddress(stray)} is not in the range ${ranges} of network "${network.name}"`;
  }
  const without = network.ranges.find((range) => !addresses.some((address) => rangeHas(range, address)));
  return (
    without &&
    `network "${network.name}" has the range ${describeRange(without)} too: an address of it is missing`
  );
}
