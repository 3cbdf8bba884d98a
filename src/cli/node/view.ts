/** Nodes as people and programs see them. */

import { formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { encodeNode } from "../../cluster/nodes/format.ts";
import type { ClusterNode } from "../../cluster/nodes/node.ts";
import type { View } from "../print.ts";

export const NODE_VIEW: View<ClusterNode> = {
  headers: ["NAME", "ADDRESSES", "RANGES", "MTU"],
  toRow: ({ name, addresses, ranges, mtu }) => [
    name,
    addresses.map(formatAddress).join(","),
    ranges.map(formatPrefix).join(","),
    mtu === undefined ? "" : String(mtu),
  ],
  toJson: encodeNode,
};
