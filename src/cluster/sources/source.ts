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
  /** All nodes have been told of once. */
  readonly isSynced: boolean;
  /** All of them could be read, too: what is of nobody may go then. */
  readonly isComplete: boolean;
  /** What keeps this node from its part: what could not be read of it, and what is waited for. */
  readonly problems: readonly string[];
  /** What a person should know, while this node's pods are served: there may be something newer than this view. */
  readonly warnings: readonly string[];
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

/** Of a source that asks an API. */
export interface ApiState {
  /** URL of its server. */
  readonly server: string;
  readonly watches: readonly WatchState[];
}

export interface NodeSource {
  view(): NodeView;
  /** Called after each round: the source tells the others, where it can. */
  publish(state: OwnState): void;
  /** Undefined where no API is asked, or nothing is known of it yet. */
  readonly api: ApiState | undefined;
  [Symbol.dispose](): void;
}
