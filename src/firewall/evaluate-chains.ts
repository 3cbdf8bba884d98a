/** What each foreign chain of a place does with a packet. */

import { NFPROTO } from "../netlink/netfilter/header.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { type BaseChain, type Chain, listForeignChains, type Place } from "./chains.ts";
import { evaluateChain, type Ruleset, type Verdicts } from "./evaluate-chain.ts";
import type { FilteredPacket } from "./packet.ts";
import { listRules } from "./rules.ts";
import { listBounds } from "./set-bounds.ts";

export interface EvaluatedChain {
  readonly chain: BaseChain;
  readonly verdicts: Verdicts;
}

/** In the order in which packets come to them. None also where this kernel has no nf_tables. */
export function evaluateChains(
  socket: NetfilterSocket,
  { type, hook }: Place,
  packet: FilteredPacket,
): EvaluatedChain[] {
  const families: readonly number[] = [NFPROTO.INET, packet.src.family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6];
  return listForeignChains(socket)
    .filter((chain) => chain.type === type && chain.hook === hook && families.includes(chain.family))
    .toSorted((a, b) => a.priority - b.priority)
    .map((chain) => ({ chain, verdicts: evaluateChain(readRuleset(socket, chain), chain.name, packet) }));
}

function readRuleset(socket: NetfilterSocket, { family, table }: Chain): Ruleset {
  return {
    rules: Map.groupBy(listRules(socket, { family, table }), ({ chain }) => chain),
    bounds: (set) => listBounds(socket, { family, table }, set),
  };
}
