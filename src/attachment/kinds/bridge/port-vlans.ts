/** VLANs of a pod's port: what was asked for, and what has to change on a new port for it. */

import type { PortVlans } from "../../../cni/netconf/vlan.ts";
import { access, tagged, type VlanRange } from "../../../link/bridge-vlan.ts";

/** What a port carries in the end, in order: each VLAN once, and `untagged` without its tag wherever it stands. */
export function wantedRanges({ untagged, ...vlans }: PortVlans, defaultPvid: number): VlanRange[] {
  const all = new Map<number, VlanRange>();
  if (vlans.keepsDefault && defaultPvid !== 0)
    all.set(defaultPvid, { ...access(defaultPvid), isPvid: false });
  for (const { first, last } of vlans.tagged)
    for (let vlan = first; vlan <= last; vlan++) all.set(vlan, tagged(vlan));
  if (untagged !== undefined) all.set(untagged, access(untagged));
  return merged([...all.values()]);
}

/** True where the port has just what the bridge gives to every new one. */
export function isUntouched({ untagged, tagged: spans }: PortVlans): boolean {
  return untagged === undefined && spans.length === 0;
}

/** Like `100 untagged, 200-210`; the one that frames without a tag are in is the first, its flag `pvid`. */
export function describeRanges(ranges: readonly VlanRange[]): string {
  const texts = merged(ranges).map(({ first, last, isPvid, isUntagged }) =>
    [first === last ? `${first}` : `${first}-${last}`, isPvid ? "pvid" : "", isUntagged ? "untagged" : ""]
      .filter((part) => part !== "")
      .join(" "),
  );
  return texts.length === 0 ? "none" : texts.join(", ");
}

/** In order, neighbours that are alike as one. */
function merged(ranges: readonly VlanRange[]): VlanRange[] {
  const result: VlanRange[] = [];
  for (const range of ranges.toSorted((a, b) => a.first - b.first)) {
    const previous = result.at(-1);
    const isNext = previous !== undefined && previous.last + 1 === range.first && isAlike(previous, range);
    if (isNext) result[result.length - 1] = { ...previous, last: range.last };
    else result.push(range);
  }
  return result;
}

/** The VLAN of frames without a tag stands alone, as the kernel lists it. */
function isAlike(a: VlanRange, b: VlanRange): boolean {
  return !a.isPvid && !b.isPvid && a.isUntagged === b.isUntagged;
}
