/** A named network: what it may be, and its JSON. */

import { LARGEST_MTU, SMALLEST_MTU } from "../addr/mtu.ts";
import { LARGEST_VLAN } from "../addr/vlan.ts";
import { decodeAttach, encodeAttach } from "./attach.ts";
import {
  choiceMember,
  type Fields,
  fault,
  integerMember,
  itemsMember,
  type Located,
  member,
  plainText,
  present,
  required,
  textMember,
  toFields,
} from "./document.ts";
import type { Attach, Network, NetworkRange } from "./model.ts";
import { isLabel, WANT_LABEL } from "./name.ts";
import { decodeObjectName, OBJECT_KEYS } from "./object-name.ts";
import { decodeRange, encodeRange } from "./range.ts";

const KEYS = ["type", "ranges", "vlan", "vlanQos", "vlanProto", "group", "zone", "mtu", "attach"];
const LABEL = plainText(isLabel, WANT_LABEL);
const VLAN = { minimum: 1, maximum: LARGEST_VLAN };
const QOS = { minimum: 0, maximum: 7 };

/** What an annotation says where a pod wants no network. */
const RESERVED_NAME = "none";

/** `name`: as the file's name gives it. @throws {InvalidFile} */
export function decodeNetwork(document: Located, name: string): Network {
  const fields = toFields(document, [...OBJECT_KEYS, ...KEYS]);
  decodeObjectName(fields, "name", name);
  if (name === RESERVED_NAME) throw fault(fields, "name", `"${name}" means that a pod wants no network`);
  const ranges = decodeRanges(fields);
  const attach = decodeAttach(required(fields, "attach", member(fields, "attach")));
  return present<Network>({
    name,
    type: textMember(fields, "type", LABEL),
    ranges,
    ...decodeVlan(fields, attach),
    group: textMember(fields, "group", LABEL),
    zone: textMember(fields, "zone", LABEL),
    mtu: decodeMtu(fields, ranges),
    attach,
  });
}

function decodeRanges(fields: Fields): NetworkRange[] {
  const items = itemsMember(fields, "ranges");
  const ranges = items.map(decodeRange);
  const families = ranges.map((range) => range.subnet.address.family);
  const second = items.find((_, index) => families.indexOf(families[index] ?? 4) < index);
  if (second !== undefined)
    throw fault(second, "", "is of the same family as the one before, want one for each");
  return ranges;
}

function decodeVlan(fields: Fields, attach: Attach) {
  const vlan = integerMember(fields, "vlan", VLAN);
  const vlanQos = integerMember(fields, "vlanQos", QOS);
  const vlanProto = choiceMember(fields, "vlanProto", ["802.1q", "802.1ad"]);
  for (const key of ["vlanQos", "vlanProto"]) {
    if (vlan === undefined && member(fields, key) !== undefined)
      throw fault(fields, key, 'wants "vlan" beside it');
  }
  if (attach.kind !== "sriov" && vlanQos !== undefined) throw fault(fields, "vlanQos", ONLY_SRIOV);
  if (attach.kind !== "sriov" && vlanProto === "802.1ad") throw fault(fields, "vlanProto", ONLY_SRIOV);
  return { vlan, vlanQos, vlanProto };
}

const ONLY_SRIOV = 'has a meaning with attach.kind "sriov" only';

function decodeMtu(fields: Fields, ranges: readonly NetworkRange[]): number | undefined {
  const smallest = ranges.map((range) => SMALLEST_MTU[range.subnet.address.family]);
  return integerMember(fields, "mtu", { minimum: Math.max(...smallest), maximum: LARGEST_MTU });
}

/** The JSON of a network. */
export function encodeNetwork(network: Network): object {
  const { name, type, ranges, attach, ...others } = network;
  return { name, type, ranges: ranges.map(encodeRange), ...others, attach: encodeAttach(attach) };
}
