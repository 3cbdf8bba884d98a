/** Where the nodes of a cluster are read. */

import type { ClusterNode } from "../nodes/node.ts";

/** The nodes as they are known now. */
export interface NodeView {
  /** This node; undefined where nothing is known of it yet. */
  readonly own: ClusterNode | undefined;
  /** The others. */
  readonly peers: readonly ClusterNode[];
  /** True once all are known that there were: what is of nobody may go then. */
  readonly isComplete: boolean;
  /** Of what could not be read, and of what is waited for. */
  readonly problems: readonly string[];
}

export interface NodeSource {
  view(): NodeView;
  [Symbol.dispose](): void;
}
