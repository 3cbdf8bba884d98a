/** A named network: what it may be, and its JSON. */

import { LARGEST_MTU, SMALLEST_MTU } from "../../addr/mtu.ts";
import { LARGEST_VLAN } from "../../addr/vlan.ts";
import { type Fields, field, integerField, required, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located } from "../../json/located.ts";
import type { Attach, Network, NetworkRange } from "../model.ts";
import { isLabel, WANT_LABEL } from "../name.ts";
import { decodeAttach, encodeAttach, hasHardwareTags } from "./attach/kinds.ts";
import { choiceField, itemsField, plainText, present, textField } from "./forms.ts";
import { decodeObjectName, OBJECT_KEYS } from "./object-name.ts";
import { decodeRange, encodeRange } from "./range.ts";

const KEYS = ["type", "ranges", "vlan", "vlanQos", "vlanProto", "group", "zone", "mtu", "attach"];
const LABEL = plainText(isLabel, WANT_LABEL);
const LARGEST_QOS = 7; // IEEE 802.1Q: three bits

/** What an annotation says where a pod wants no network. */
const RESERVED_NAME = "none";

/** `name`: as the file's name gives it. @throws {InvalidFile} */
export function decodeNetwork(document: Located, name: string): Network {
  const fields = toKnownFields(document, [...OBJECT_KEYS, ...KEYS]);
  decodeObjectName(fields, "name", name);
  if (name === RESERVED_NAME) throw faultAt(fields, "name", `"${name}" means that a pod wants no network`);
  const ranges = decodeRanges(fields);
  const attach = decodeAttach(required(fields, "attach", field(fields, "attach")));
  return present<Network>({
    name,
    type: textField(fields, "type", LABEL),
    ranges,
    ...decodeVlan(fields, attach),
    group: textField(fields, "group", LABEL),
    zone: textField(fields, "zone", LABEL),
    mtu: decodeMtu(fields, ranges),
    attach,
  });
}

function decodeRanges(fields: Fields): NetworkRange[] {
  const items = itemsField(fields, "ranges");
  const ranges = items.map(decodeRange);
  const families = ranges.map((range) => range.subnet.address.family);
  const second = items.find((_, index) => families.indexOf(families[index] ?? 4) < index);
  if (second !== undefined)
    throw faultAt(second, "", "is of the same family as the one before, want one for each");
  return ranges;
}

function decodeVlan(fields: Fields, attach: Attach) {
  const vlan = integerField(fields, "vlan", 1, LARGEST_VLAN);
  const vlanQos = integerField(fields, "vlanQos", 0, LARGEST_QOS);
  const vlanProto = choiceField(fields, "vlanProto", ["802.1q", "802.1ad"]);
  for (const key of ["vlanQos", "vlanProto"]) {
    if (vlan === undefined && field(fields, key) !== undefined)
      throw faultAt(fields, key, 'wants "vlan" beside it');
  }
  if (!hasHardwareTags(attach)) {
    if (vlanQos !== undefined) throw faultAt(fields, "vlanQos", ONLY_SRIOV);
    if (vlanProto === "802.1ad") throw faultAt(fields, "vlanProto", ONLY_SRIOV);
  }
  return { vlan, vlanQos, vlanProto };
}

const ONLY_SRIOV = 'has a meaning with attach.kind "sriov" only';

function decodeMtu(fields: Fields, ranges: readonly NetworkRange[]): number | undefined {
  const smallest = ranges.map((range) => SMALLEST_MTU[range.subnet.address.family]);
  return integerField(fields, "mtu", Math.max(...smallest), LARGEST_MTU);
}

/** The JSON of a network. */
export function encodeNetwork(network: Network): object {
  const { name, type, ranges, attach, ...others } = network;
  return { name, type, ranges: ranges.map(encodeRange), ...others, attach: encodeAttach(attach) };
}
