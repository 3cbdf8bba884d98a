/** Virtual functions by index as a person writes them: `0-7,12`. */

import { parseDecimal } from "../../addr/address.ts";
import type { VfRange } from "../model.ts";

/** TotalVFs is 16 bits wide (PCI Express SR-IOV capability), and the first VF has index 0. */
const LAST_VF = 65_534;

/** How ranges stand in a document and on a command line. */
export const VF_RANGES = { parse: parseVfRanges, wanted: 'VFs by index in ascending order, like "0-7,12"' };

/** Undefined for anything but indexes and ranges of them, ascending, each index once. */
export function parseVfRanges(text: string): VfRange[] | undefined {
  const ranges: VfRange[] = [];
  let next = 0;
  for (const part of text.split(",")) {
    const dash = part.indexOf("-");
    const first = parseDecimal(dash < 0 ? part : part.slice(0, dash), LAST_VF);
    const last = dash < 0 ? first : parseDecimal(part.slice(dash + 1), LAST_VF);
    if (first === undefined || last === undefined || first < next || last < first) return undefined;
    ranges.push({ first, last });
    next = last + 1;
  }
  return ranges;
}

export function formatVfRanges(ranges: readonly VfRange[]): string {
  return ranges.map(({ first, last }) => (first === last ? String(first) : `${first}-${last}`)).join(",");
}
