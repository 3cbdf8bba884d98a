/** Other programs' chains on a hook, and what each does with a packet. */

import type { Family } from "../addr/address.ts";
import { VERDICT } from "../netlink/netfilter/expression.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { evaluateChain, type Possible, type Rule, type Ruleset } from "./evaluate.ts";
import type { FilteredPacket } from "./fields.ts";
import { listChains, type NetfilterSocket } from "./ruleset.ts";
import { listBounds } from "./set-keys.ts";
import { TABLE_NAME } from "./table.ts";

/** A chain that packets come to by themselves. */
export interface BaseChain {
  /** NFPROTO_* */
  readonly family: number;
  readonly table: string;
  readonly name: string;
  /** Drops what no rule of it decides. */
  readonly isDropping: boolean;
}

export interface Judged {
  readonly chain: BaseChain;
  readonly possible: Possible;
}

/** `type`: "filter" or "nat"; `hook`: NF_INET_*. */
export interface Place {
  readonly type: string;
  readonly hook: number;
}

/** In the order in which packets come to them. None also where this kernel has no nf_tables. */
export function judgeChains(socket: NetfilterSocket, place: Place, packet: FilteredPacket): Judged[] {
  return listBaseChains(socket, place, packet.src.family).map((chain) => ({
    chain,
    possible: evaluateChain(readRuleset(socket, chain), chain.name, { packet, depth: 0 }),
  }));
}

function listBaseChains(socket: NetfilterSocket, { type, hook }: Place, family: Family): BaseChain[] {
  const families: number[] = [NFPROTO.INET, family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6];
  return listChains(socket)
    .filter((chain) => chain.NFTA_CHAIN_HOOK?.NFTA_HOOK_HOOKNUM === hook && chain.NFTA_CHAIN_TYPE === type)
    .filter((chain) => families.includes(chain.nfgen_family ?? 0) && chain.NFTA_CHAIN_TABLE !== TABLE_NAME)
    .toSorted((a, b) => priorityOf(a) - priorityOf(b))
    .map((chain) => ({
      family: chain.nfgen_family ?? 0,
      table: chain.NFTA_CHAIN_TABLE ?? "",
      name: chain.NFTA_CHAIN_NAME ?? "",
      isDropping: chain.NFTA_CHAIN_POLICY === VERDICT.DROP,
    }));
}

function priorityOf({
  NFTA_CHAIN_HOOK: hook,
}: {
  NFTA_CHAIN_HOOK?: { NFTA_HOOK_PRIORITY?: number };
}): number {
  return hook?.NFTA_HOOK_PRIORITY ?? 0;
}

function readRuleset(socket: NetfilterSocket, { family, table }: BaseChain): Ruleset {
  const body = { nfgen_family: family, NFTA_RULE_TABLE: table };
  const rules = socket.dump({ message: "NFT_MSG_GETRULE", body }, "NFT_MSG_NEWRULE").map(
    (rule): Rule => ({
      chain: rule.NFTA_RULE_CHAIN ?? "",
      handle: rule.NFTA_RULE_HANDLE ?? 0,
      expressions: rule.NFTA_RULE_EXPRESSIONS ?? [],
    }),
  );
  return {
    rules: Map.groupBy(rules, ({ chain }) => chain),
    bounds: (set) => listBounds(socket, { family, table, set }),
  };
}
