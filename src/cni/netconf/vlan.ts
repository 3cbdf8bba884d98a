/** The fields of a configuration that concern the VLANs of the pod's port on a bridge: the reference bridge plugin's. */

import { LARGEST_VLAN } from "../../addr/vlan.ts";
import { invalidNetconf } from "../../error/cni-error.ts";
import { booleanField, type Fields, integerField, listField, toFields } from "../../json/fields.ts";
import type { Located } from "../../json/located.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import type { TrunkItem } from "../document/parts.ts";

/** VLANs `first` to `last`, both included. */
export interface Span {
  readonly first: number;
  readonly last: number;
}

export interface PortVlans {
  /** Frames of the pod without a tag are in it; absent: in the bridge's default one. */
  readonly untagged?: number;
  /** The VLAN that the pod's addresses are in, and the node's where it is the gateway; absent: none by name. */
  readonly own?: number;
  /** Frames with these tags pass. */
  readonly tagged: readonly Span[];
  /** The port stays in the bridge's default VLAN beside the others. */
  readonly keepsDefault: boolean;
}

/** What untagged frames of a port with tagged VLANs alone are in. */
const NATIVE_VLAN = 1;

/** Undefined where the bridge need not know of VLANs. @throws {CniError} 7 with the path of the field */
export function decodePortVlans(netconf: Fields<NetconfDocument>): PortVlans | undefined {
  const vlan = integerField(netconf, "vlan", 0, LARGEST_VLAN) ?? 0;
  const trunk = listField(netconf, "vlanTrunk");
  const keepsDefault = booleanField(netconf, "preserveDefaultVlan");
  if (vlan === 0 && trunk === undefined) return undefined;
  const tagged = (trunk ?? []).flatMap(decodeTrunkItem);
  const untagged = vlan === 0 && tagged.length > 0 ? NATIVE_VLAN : vlan;
  return {
    ...(untagged === 0 ? {} : { untagged }),
    ...(vlan === 0 ? {} : { own: vlan }),
    tagged,
    keepsDefault,
  };
}

/** A range, a single VLAN, both or nothing. */
function decodeTrunkItem(item: Located): Span[] {
  const fields = toFields<TrunkItem>(item);
  const [first, last, id] = (["minID", "maxID", "id"] as const).map((key) =>
    integerField(fields, key, 1, LARGEST_VLAN),
  );
  if (first === undefined && last !== undefined) throw missing(item, "minID", "maxID");
  if (first !== undefined && last === undefined) throw missing(item, "maxID", "minID");
  const spans = id === undefined ? [] : [{ first: id, last: id }];
  if (first === undefined || last === undefined) return spans;
  if (first > last) throw invalidNetconf(`${item.path}.maxID`, `at least minID, which is ${first}`, last);
  return [{ first, last }, ...spans];
}

function missing(item: Located, key: string, other: string) {
  return invalidNetconf(`${item.path}.${key}`, `a VLAN from 1 to ${LARGEST_VLAN} beside ${other}`, undefined);
}
