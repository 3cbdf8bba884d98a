/** The node of the cluster that a packet is on its way to. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { parsePrefix, prefixContains } from "../../addr/prefix.ts";
import { readStatus } from "../../cluster/status.ts";
import { type Hop, passes } from "./hop.ts";

/** One hop where the destination is in a range of another node, none elsewhere. `ifname`: what it leaves by. */
export function nameOtherNode(dst: Address, ifname: string): Hop[] {
  const { node: own, nodes = [] } = readStatus() ?? {};
  for (const { name, ranges, transport } of nodes) {
    const range = ranges.find((text) => {
      const prefix = parsePrefix(text);
      return name !== own && prefix !== undefined && prefixContains(prefix, dst);
    });
    if (range === undefined) continue;
    const way = transport.length === 0 ? "" : ` (${transport.join(", ")})`;
    return [
      passes(
        "cluster",
        `leaves by ${ifname} to node ${name}, which has ${range}${way}: trace ${formatAddress(dst)} on there`,
      ),
    ];
  }
  return [];
}
