/** What our tables consist of: sets and maps that pods are elements of, and chains whose rules look into them. */

import type { Expression } from "../../netlink/netfilter/expression.ts";
import type { KeyType } from "./key.ts";

export type RuleDefinition = readonly Expression[];

export interface SetDefinition {
  readonly name: string;
  readonly key: readonly KeyType[];
  /** Absent for a set. */
  readonly value?: "verdict" | readonly KeyType[];
  /** NFT_SET_*, beside that of a map. */
  readonly flags?: number;
  /** Its elements belong to no pod: their keys begin with the name of a bridge, they stay as long as that. */
  readonly isShared?: true;
}

/** Where a chain is hooked in; absent for one that others lead to. */
export interface Hook {
  readonly type: "filter" | "nat";
  /** NF_INET_* */
  readonly hook: number;
  readonly priority: number;
}

export interface ChainDefinition {
  readonly name: string;
  readonly hook?: Hook;
  /** What NFTA_CHAIN_USE is while the chain is whole. */
  readonly use: number;
  rules(): readonly RuleDefinition[];
}

export interface TableDefinition {
  readonly kind: "inet" | "bridge";
  /** NFPROTO_* */
  readonly family: number;
  readonly sets: readonly SetDefinition[];
  readonly chains: readonly ChainDefinition[];
}
