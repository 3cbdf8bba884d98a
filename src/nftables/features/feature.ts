/** What a feature of our tables is. */

import type { Family } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import type { Element } from "../elements/element.ts";
import type { Hook, RuleDefinition, SetDefinition } from "../tables/definition.ts";

/**
 * One thing that our tables do for pods: masquerade, host ports and so on. Its rules are the same however many pods there
 * are; a pod is elements of the sets and maps that these look into.
 *
 * To add one:
 * 1. Write `features/<name>.ts` with one value of this type. Above each set stands its nft(8) type, above each rule its
 *    nft(8) line. `Options` is what it reads of a pod's traffic settings.
 * 2. Put it into the list of `features/list.ts`, and its options beside.
 * 3. Add the sets and chains to `test/netns/nftables/inet.nft` (or `bridge.nft`), against which a test holds the tables.
 *
 * The rest is derived: the tables with the numbers of their sets and references, what an ADD puts in, what CHECK compares,
 * what DEL and GC remove. Nodes get new sets and chains at their next ADD, for the tables are not whole without them. Names
 * and types of sets and chains never change: nodes have them.
 */
export interface Feature<Options = object> {
  readonly table: Element["table"];
  readonly sets: readonly SetDefinition[];
  readonly chains: readonly ChainPart[];
  /** The hashed chains that elements of its verdict maps lead to; absent where it has none. */
  readonly hashedChains?: readonly HashedChainPattern[];
  /** What the pod needs in the sets; nothing where it has not asked for the feature. */
  elementsOf(pod: Pod & Options): readonly Element[];
}

/** What every feature knows of a pod. */
export interface Pod {
  /** Comment of its elements. */
  readonly owner: string;
  /** The end of its veth pair on the host; absent where it has none. */
  readonly hostIfname?: string;
  /** The interface by which its packets enter the node: the bridge, a VLAN of it, or the end of its own pair. */
  readonly bridge: string;
  /** Its addresses, each with the length of its network's prefix. */
  readonly ips: readonly Prefix[];
}

/** A feature's rules in a chain; a chain that several features have rules in is put together in their order. */
export interface ChainPart {
  readonly name: string;
  readonly hook?: Hook;
  /** For packets of both families. */
  rules?(): readonly RuleDefinition[];
  /** For packets of each family: those of IPv4 of all features stand before those of IPv6. */
  familyRules?(family: Family): readonly RuleDefinition[];
  /** Its rules stand behind the other features', for they decide what becomes of the packet. */
  readonly comesLast?: true;
}

export interface HashedChainPattern {
  /** What their names begin with. */
  readonly prefix: string;
  /** How many rules each has. */
  readonly ruleCount: number;
}

/** Priorities of chains, linux/netfilter_ipv4.h: NF_IP_PRI_RAW, _NAT_DST, _FILTER, _NAT_SRC. */
export const PRIORITY = { RAW: -300, DSTNAT: -100, FILTER: 0, SRCNAT: 100 } as const;

/** Where several features have rules. */
export const POSTROUTING = {
  name: "postrouting",
  hook: { type: "nat", hook: NF_INET.POST_ROUTING, priority: PRIORITY.SRCNAT },
} as const;
