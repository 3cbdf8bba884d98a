/** What CHECK finds: our tables against what an attachment wants of them. */

import { describeElement } from "./describe.ts";
import { isSameValue, listElementsRequest } from "./element.ts";
import type { Expression } from "./expression.ts";
import { inetTable } from "./inet-table.ts";
import { boundsOf, CHAIN_RULES, describeBound, masqueradeRules } from "./masquerade.ts";
import { findElements, listRules, type NetfilterSocket, tablesOf, type Wanted } from "./ruleset.ts";
import { type ChainDefinition, TABLE_NAME, type TableDefinition } from "./table.ts";

/** Each difference in words. */
export function checkRuleset(socket: NetfilterSocket, wanted: Wanted): string[] {
  const chains = tablesOf(wanted).flatMap((table) =>
    table.chains.flatMap((chain) => checkChain(socket, table, chain)),
  );
  return [...chains, ...checkMasqueradeChain(socket, wanted), ...checkElements(socket, wanted)];
}

function checkChain(socket: NetfilterSocket, table: TableDefinition, chain: ChainDefinition): string[] {
  const rules = listRules(socket, table.family, chain.name);
  const wanted = chain.rules();
  const name = `chain ${chain.name} of table ${table.kind} ${TABLE_NAME}`;
  if (rules.length !== wanted.length) return [`${name} has ${rules.length} rules, want ${wanted.length}`];
  const changed = rules.findIndex(
    (rule, index) => !isSameRule(wanted[index] ?? [], rule.NFTA_RULE_EXPRESSIONS ?? []),
  );
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

/** The two rules that return look into sets of their own, whose names the kernel has chosen. */
function checkMasqueradeChain(socket: NetfilterSocket, { chain }: Wanted): string[] {
  if (chain === undefined) return [];
  const name = `chain ${chain.name} of table inet ${TABLE_NAME}`;
  const rules = listRules(socket, inetTable.family, chain.name);
  if (rules.length !== CHAIN_RULES) return [`${name} has ${rules.length} rules, want ${CHAIN_RULES}`];
  const found = rules.map((rule) => rule.NFTA_RULE_EXPRESSIONS ?? []);
  const [set = "", set6 = ""] = found.map(setIn);
  const wanted = masqueradeRules([set, set6]);
  const changed = found.findIndex((expressions, index) => !isSameRule(wanted[index] ?? [], expressions));
  if (changed >= 0) return [`${name} has another rule ${changed + 1} than it was made with`];
  const isWhole = (id: string, family: 4 | 6) =>
    boundsIn(socket, id).join() === boundsOf(chain, family).join();
  return isWhole(set, 4) && isWhole(set6, 6)
    ? []
    : [`${name} returns other destinations than it was made with`];
}

function setIn(expressions: readonly Expression[]): string {
  const lookup = expressions.find(({ NFTA_EXPR_NAME: name }) => name === "lookup");
  return lookup?.NFTA_EXPR_DATA?.NFTA_LOOKUP_SET ?? "";
}

function boundsIn(socket: NetfilterSocket, set: string): string[] {
  const request = listElementsRequest("inet", set);
  const messages = set === "" ? [] : socket.dump(request, "NFT_MSG_NEWSETELEM");
  return messages
    .flatMap((message) => message.NFTA_SET_ELEM_LIST_ELEMENTS ?? [])
    .map(describeBound)
    .sort();
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
