/** What CHECK finds: our tables against what an attachment wants of them. */

import type { Expression } from "../netlink/netfilter/expression.ts";
import type { SetElement } from "../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { describeElement } from "./elements/describe.ts";
import { isSameValue } from "./elements/element.ts";
import { dumpSet, findElements } from "./elements/query.ts";
import type { ChainDefinition, RuleDefinition, TableDefinition } from "./tables/definition.ts";
import type { HashedChain } from "./tables/hashed-chain.ts";
import { dumpRules, isDormant } from "./tables/query.ts";
import { TABLE_NAME } from "./tables/requests.ts";
import { inetTable } from "./tables/tables.ts";
import { hashedChainsOf, tablesOf, type Wanted } from "./wanted.ts";

/** Each difference in words. */
export function checkRuleset(socket: NetfilterSocket, wanted: Wanted): string[] {
  const chains = tablesOf(wanted).flatMap((table) => [
    ...checkDormancy(socket, table),
    ...table.chains.flatMap((chain) => checkChain(socket, table, chain)),
  ]);
  const hashed = hashedChainsOf(wanted).flatMap((chain) => checkHashedChain(socket, chain));
  return [...chains, ...hashed, ...checkElements(socket, wanted)];
}

function checkDormancy(socket: NetfilterSocket, table: TableDefinition): string[] {
  return isDormant(socket, table)
    ? [`table ${table.kind} ${TABLE_NAME} is dormant: its rules do nothing`]
    : [];
}

function checkChain(socket: NetfilterSocket, table: TableDefinition, chain: ChainDefinition): string[] {
  const name = `chain ${chain.name} of table ${table.kind} ${TABLE_NAME}`;
  return checkRules(name, chain.rules(), rulesIn(socket, table, chain.name));
}

type Rules = readonly RuleDefinition[];

function rulesIn(socket: NetfilterSocket, { family }: TableDefinition, chain: string): Rules {
  return dumpRules(socket, family, chain).map((rule) => rule.NFTA_RULE_EXPRESSIONS ?? []);
}

/** `name`: of the chain, in words. */
function checkRules(name: string, wanted: Rules, found: Rules): string[] {
  if (found.length !== wanted.length) return [`${name} has ${found.length} rules, want ${wanted.length}`];
  const changed = found.findIndex((rule, index) => !isSameRule(wanted[index] ?? [], rule));
  return changed < 0 ? [] : [`${name} has another rule ${changed + 1} than it was made with`];
}

/** The kernel shows more attributes than a rule was made with, never others. */
function isSameRule(wanted: readonly Expression[], found: readonly Expression[]): boolean {
  return (
    wanted.length === found.length && wanted.every((expression, index) => isPart(expression, found[index]))
  );
}

function isPart(wanted: unknown, found: unknown): boolean {
  if (wanted instanceof Uint8Array) return found instanceof Uint8Array && wanted.toHex() === found.toHex();
  if (typeof wanted !== "object" || wanted === null) return wanted === found;
  if (typeof found !== "object" || found === null) return false;
  const fields = new Map(Object.entries(found));
  return Object.entries(wanted).every(([key, value]) => isPart(value, fields.get(key)));
}

/** Rules that look into sets of their own do so under names that the kernel has chosen. */
function checkHashedChain(socket: NetfilterSocket, chain: HashedChain): string[] {
  const name = `chain ${chain.name} of table inet ${TABLE_NAME}`;
  const found = rulesIn(socket, inetTable, chain.name);
  const sets = found.map(setIn);
  const wanted = chain.rules.map(({ expressions }, index) => expressions({ name: sets[index] ?? "" }));
  const differences = checkRules(name, wanted, found);
  if (differences.length > 0) return differences;
  const isWhole = chain.rules.every(
    ({ set }, index) => set === undefined || isSameBounds(set.bounds(), boundsIn(socket, sets[index] ?? "")),
  );
  return isWhole ? [] : [`${name} returns other destinations than it was made with`];
}

/** Empty where the rule looks into none. */
function setIn(expressions: readonly Expression[]): string {
  const lookup = expressions.find(({ NFTA_EXPR_NAME: name }) => name === "lookup");
  return lookup?.NFTA_EXPR_DATA?.NFTA_LOOKUP_SET ?? "";
}

function boundsIn(socket: NetfilterSocket, set: string): readonly SetElement[] {
  return set === "" ? [] : dumpSet(socket, "inet", set);
}

/** In any order. */
function isSameBounds(wanted: readonly SetElement[], found: readonly SetElement[]): boolean {
  const [a, b] = [wanted, found].map((bounds) => bounds.map(describeBound).sort().join());
  return a === b;
}

function describeBound(element: SetElement): string {
  const { NFTA_SET_ELEM_KEY: key, NFTA_SET_ELEM_FLAGS: flags = 0 } = element;
  return `${key?.NFTA_DATA_VALUE?.toHex() ?? ""} ${flags}`;
}

function checkElements(socket: NetfilterSocket, { elements }: Wanted): string[] {
  const found = findElements(socket, elements);
  return elements.flatMap((element, index) => {
    const name = describeElement(element);
    const present = found[index];
    if (present === undefined) return [`${name} is missing`];
    if (present.owner !== element.owner) return [`${name} belongs to ${present.owner || "nobody"}`];
    return isSameValue(element, present) ? [] : [`${name} has another value than it was made with`];
  });
}
