/** Where the nodes of a cluster are read. */

import type { ClusterNode } from "../nodes/node.ts";

/** The nodes as they are known now. */
export interface NodeView {
  /** This node; undefined where nothing is known of it yet. */
  readonly own: ClusterNode | undefined;
  /** Addresses and MTU of this node that are not said are those of its uplink, or of the one that the configuration names. */
  readonly isOwnDerived: boolean;
  /** The others. */
  readonly peers: readonly ClusterNode[];
  /** True once all are known that there were: what is of nobody may go then. */
  readonly isComplete: boolean;
  /** Of what could not be read, and of what is waited for. */
  readonly problems: readonly string[];
  /** Why there may be something newer than this; nothing else is wrong then. */
  readonly lags: readonly string[];
}

/** This node as the others are to know it, and how it does. */
export interface OwnState {
  readonly node: ClusterNode;
  /** Its pods can be started. */
  readonly isReady: boolean;
  /** What a person must mend. */
  readonly problems: readonly string[];
}

/** How fresh the view is of a resource that is watched. */
export interface WatchState {
  /** Plural name of the resource. */
  readonly resource: string;
  readonly isLagging: boolean;
  /** Milliseconds since the epoch. */
  readonly lastEventAt: number | undefined;
}

export interface NodeSource {
  view(): NodeView;
  /** Called after each round: the source tells the others, where it can. */
  publish(state: OwnState): void;
  readonly watches: readonly WatchState[];
  [Symbol.dispose](): void;
}
