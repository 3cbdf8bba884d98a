/** How pods are attached to a network: what may be said of each kind, and its JSON. */

import { isAsciiIfname, WANT_ASCII_IFNAME } from "../addr/ifname.ts";
import {
  booleanMember,
  choiceMember,
  type Fields,
  fault,
  itemsMember,
  type Located,
  member,
  plainText,
  present,
  required,
  textMember,
  toFields,
  toText,
} from "./document.ts";
import type { Attach, SriovAttach } from "./model.ts";
import { formatVfRanges, VF_RANGES } from "./vf-ranges.ts";

const IFNAME = plainText(isAsciiIfname, WANT_ASCII_IFNAME);

const KINDS = ["sriov", "bridge", "macvlan"] as const;
const SRIOV_KEYS = ["pfs", "vfs", "driver", "bind", "spoofchk", "trust", "linkState"];
const UPLINK_KEYS = ["uplink"];

/** @throws {InvalidFile} */
export function decodeAttach(located: Located): Attach {
  const fields = toFields(located, ["kind", ...SRIOV_KEYS, ...UPLINK_KEYS]);
  const kind = required(fields, "kind", choiceMember(fields, "kind", KINDS));
  for (const key of kind === "sriov" ? UPLINK_KEYS : SRIOV_KEYS) {
    if (member(fields, key) !== undefined) throw fault(fields, key, `has no meaning with kind "${kind}"`);
  }
  if (kind === "sriov") return decodeSriov(fields);
  return { kind, uplink: required(fields, "uplink", textMember(fields, "uplink", IFNAME)) };
}

function decodeSriov(fields: Fields): SriovAttach {
  const driver = choiceMember(fields, "driver", ["netdev", "vfio-pci"]) ?? "netdev";
  const bind = booleanMember(fields, "bind") === true ? true : undefined;
  if (bind === true && driver !== "vfio-pci")
    throw fault(fields, "bind", 'has a meaning with driver "vfio-pci" only');
  return present<SriovAttach>({
    kind: "sriov",
    pfs: decodePfs(fields),
    vfs: textMember(fields, "vfs", VF_RANGES),
    driver,
    bind,
    spoofchk: booleanMember(fields, "spoofchk"),
    trust: booleanMember(fields, "trust"),
    linkState: choiceMember(fields, "linkState", ["auto", "enable", "disable"]),
  });
}

function decodePfs(fields: Fields): string[] {
  const items = itemsMember(fields, "pfs");
  const pfs = items.map((item) => toText(item, IFNAME));
  const twice = items.find((_, index) => pfs.indexOf(pfs[index] ?? "") < index);
  if (twice !== undefined) throw fault(twice, "", `"${String(twice.value)}" is there twice`);
  return pfs;
}

/** The JSON of an attach. */
export function encodeAttach(attach: Attach) {
  if (attach.kind !== "sriov") return attach;
  const { kind, pfs, vfs, ...others } = attach;
  return { kind, pfs, ...(vfs === undefined ? {} : { vfs: formatVfRanges(vfs) }), ...others };
}
