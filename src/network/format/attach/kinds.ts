/** How pods are attached to a network: every kind by its name, and the JSON of `attach`. */

import { field, required, toKnownFields } from "../../../json/fields.ts";
import { faultAt, type Located } from "../../../json/located.ts";
import type { Attach } from "../../model.ts";
import { choiceField } from "../forms.ts";
import type { AttachDescription, AttachKind, UplinkUse } from "./kind.ts";
import { onUplink } from "./on-uplink.ts";
import { sriov } from "./sriov.ts";

const KINDS: { readonly [K in Attach["kind"]]: AttachKind<Extract<Attach, { kind: K }>> } = {
  sriov,
  bridge: onUplink("bridge", "port"),
  macvlan: onUplink("macvlan", "lower device"),
};

/** In the order of preference. */
export const ATTACH_KINDS = Object.keys(KINDS) as Attach["kind"][]; // `as`: its keys

function kindOf(kind: Attach["kind"]): AttachKind {
  return KINDS[kind] as AttachKind; // `as`: what is given to it is of this kind
}

/** @throws {InvalidFile} */
export function decodeAttach(located: Located): Attach {
  const known = new Set(ATTACH_KINDS.flatMap((kind) => KINDS[kind].keys));
  const fields = toKnownFields(located, ["kind", ...known]);
  const name = required(fields, "kind", choiceField(fields, "kind", ATTACH_KINDS));
  const kind = kindOf(name);
  for (const key of known) {
    if (!kind.keys.includes(key) && field(fields, key) !== undefined)
      throw faultAt(fields, key, `has no meaning with kind "${name}"`);
  }
  return kind.decode(fields);
}

/** The JSON of an attach. */
export function encodeAttach(attach: Attach): object {
  return kindOf(attach.kind).encode(attach);
}

export function uplinkUseOf({ kind }: Attach): UplinkUse {
  return KINDS[kind].uplinkUse;
}

/** True where a card writes the VLAN tag. */
export function hasHardwareTags({ kind }: Attach): boolean {
  return KINDS[kind].hasHardwareTags;
}

export function describeAttach(attach: Attach): AttachDescription {
  return kindOf(attach.kind).describe(attach);
}
