/** How pods are attached to a network: what may be said of each kind, and its JSON. */

import { isAsciiIfname, WANT_ASCII_IFNAME } from "../../addr/ifname.ts";
import { booleanFieldIfAny, type Fields, field, required, toKnownFields } from "../../json/fields.ts";
import { faultAt, type Located } from "../../json/located.ts";
import type { Attach, SriovAttach } from "../model.ts";
import { choiceField, itemsField, plainText, present, textField, toForm } from "./forms.ts";
import { formatVfRanges, VF_RANGES } from "./vf-ranges.ts";

const IFNAME = plainText(isAsciiIfname, WANT_ASCII_IFNAME);

const KINDS = ["sriov", "bridge", "macvlan"] as const;
const SRIOV_KEYS = ["pfs", "vfs", "driver", "bind", "spoofchk", "trust", "linkState"];
const UPLINK_KEYS = ["uplink"];

/** @throws {InvalidFile} */
export function decodeAttach(located: Located): Attach {
  const fields = toKnownFields(located, ["kind", ...SRIOV_KEYS, ...UPLINK_KEYS]);
  const kind = required(fields, "kind", choiceField(fields, "kind", KINDS));
  for (const key of kind === "sriov" ? UPLINK_KEYS : SRIOV_KEYS) {
    if (field(fields, key) !== undefined) throw faultAt(fields, key, `has no meaning with kind "${kind}"`);
  }
  if (kind === "sriov") return decodeSriov(fields);
  return { kind, uplink: required(fields, "uplink", textField(fields, "uplink", IFNAME)) };
}

function decodeSriov(fields: Fields): SriovAttach {
  const driver = choiceField(fields, "driver", ["netdev", "vfio-pci"]) ?? "netdev";
  const bind = booleanFieldIfAny(fields, "bind") === true ? true : undefined;
  if (bind === true && driver !== "vfio-pci")
    throw faultAt(fields, "bind", 'has a meaning with driver "vfio-pci" only');
  return present<SriovAttach>({
    kind: "sriov",
    pfs: decodePfs(fields),
    vfs: textField(fields, "vfs", VF_RANGES),
    driver,
    bind,
    spoofchk: booleanFieldIfAny(fields, "spoofchk"),
    trust: booleanFieldIfAny(fields, "trust"),
    linkState: choiceField(fields, "linkState", ["auto", "enable", "disable"]),
  });
}

function decodePfs(fields: Fields): string[] {
  const items = itemsField(fields, "pfs");
  const pfs = items.map((item) => toForm(item, IFNAME));
  const twice = items.find((_, index) => pfs.indexOf(pfs[index] ?? "") < index);
  if (twice !== undefined) throw faultAt(twice, "", `"${String(twice.value)}" is there twice`);
  return pfs;
}

/** The JSON of an attach. */
export function encodeAttach(attach: Attach) {
  if (attach.kind !== "sriov") return attach;
  const { kind, pfs, vfs, ...others } = attach;
  return { kind, pfs, ...(vfs === undefined ? {} : { vfs: formatVfRanges(vfs) }), ...others };
}
