/** Our two tables, put together from the features. */

import { NFPROTO } from "../../netlink/netfilter/header.ts";
import type { ChainPart } from "../features/feature.ts";
import { FEATURES } from "../features/list.ts";
import type { ChainDefinition, RuleDefinition, TableDefinition } from "./definition.ts";

/** Built when the module is loaded, so that a plugin call finds them in its saved heap. */
export const inetTable = buildTable("inet", NFPROTO.INET);
export const bridgeTable = buildTable("bridge", NFPROTO.BRIDGE);
export const TABLES: readonly TableDefinition[] = [inetTable, bridgeTable];

function buildTable(kind: TableDefinition["kind"], family: number): TableDefinition {
  const features = FEATURES.filter(({ table }) => table === kind);
  const chains = joinParts(features.flatMap((feature) => feature.chains));
  return {
    kind,
    family,
    sets: features.flatMap(({ sets }) => sets),
    chains: withUses(chains),
  };
}

type Chain = Omit<ChainDefinition, "use">;

/** One chain for the parts of each name, in the order of priorities; one without a hook stays behind its neighbour. */
function joinParts(parts: readonly ChainPart[]): Chain[] {
  const names = [...new Set(inOrder(parts).map(({ name }) => name))];
  return names.map((name) => {
    const own = parts.filter((part) => part.name === name);
    const hook = own.find((part) => part.hook !== undefined)?.hook;
    return { name, ...(hook === undefined ? {} : { hook }), rules: () => joinRules(own) };
  });
}

function inOrder(parts: readonly ChainPart[]): ChainPart[] {
  let priority = 0;
  const ranked = parts.map((part) => {
    priority = part.hook?.priority ?? priority;
    return { part, priority };
  });
  return ranked.toSorted((a, b) => a.priority - b.priority).map(({ part }) => part);
}

function joinRules(parts: readonly ChainPart[]): RuleDefinition[] {
  const isLast = ({ comesLast }: ChainPart) => comesLast === true;
  const ordered = [...parts.filter((part) => !isLast(part)), ...parts.filter(isLast)];
  return [
    ...ordered.flatMap((part) => part.rules?.() ?? []),
    ...([4, 6] as const).flatMap((family) => ordered.flatMap((part) => part.familyRules?.(family) ?? [])),
  ];
}

/**
 * What the kernel counts as uses of a chain (NFTA_CHAIN_USE): its rules, and the rules of other chains that jump or go
 * to it. Verdict maps lead to hashed chains alone, by their elements.
 */
function withUses(chains: readonly Chain[]): ChainDefinition[] {
  const rules = chains.map((chain) => chain.rules());
  const targets = rules.flatMap((list) => list.flatMap((rule) => rule.flatMap(targetOf)));
  return chains.map((chain, index) => {
    const references = targets.filter((target) => target === chain.name);
    return { ...chain, use: (rules[index]?.length ?? 0) + references.length };
  });
}

/** The chain that an expression leads to, if it leads to one. */
function targetOf({ NFTA_EXPR_DATA: data }: RuleDefinition[number]): string[] {
  const { NFTA_VERDICT_CHAIN: target } = data?.NFTA_IMMEDIATE_DATA?.NFTA_DATA_VERDICT ?? {};
  return target === undefined ? [] : [target];
}
