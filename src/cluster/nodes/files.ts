/** Files of nodes: `nodes/<name>.json` below the directory of networks and endpoints. */

import type { Kind } from "../../network/files/read-files.ts";
import { decodeNode, encodeNode, isNodeName } from "./format.ts";
import type { ClusterNode } from "./node.ts";

/** What names a node. */
export type NodeId = Pick<ClusterNode, "name">;

export const NODES: Kind<ClusterNode, NodeId> = {
  directory: "nodes",
  stem: ({ name }) => (isNodeName(name) ? name : undefined),
  id: (name) => ({ name }),
  decode: (document, { name }) => decodeNode(document, name),
  encode: encodeNode,
};
