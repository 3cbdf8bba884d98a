/** A virtual function for each pod. */

import { booleanFieldIfAny, type Fields } from "../../../json/fields.ts";
import { faultAt } from "../../../json/located.ts";
import type { SriovAttach } from "../../model.ts";
import { choiceField, IFNAME, itemsField, present, textField, toForm } from "../forms.ts";
import { formatVfRanges, VF_RANGES } from "../vf-ranges.ts";
import type { AttachKind } from "./kind.ts";

export const sriov: AttachKind<SriovAttach> = {
  keys: ["pfs", "vfs", "driver", "bind", "spoofchk", "trust", "linkState"],
  uplinkUse: "none",
  hasHardwareTags: true,
  decode,
  encode: ({ kind, pfs, vfs, ...others }) => ({
    kind,
    pfs,
    ...(vfs === undefined ? {} : { vfs: formatVfRanges(vfs) }),
    ...others,
  }),
  describe: ({ pfs, vfs, driver }) => ({
    interfaces: pfs,
    vfs: vfs === undefined ? "" : formatVfRanges(vfs),
    driver,
  }),
};

function decode(fields: Fields): SriovAttach {
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
