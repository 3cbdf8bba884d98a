/**
 * What a chain of another program does with a packet, as far as it can be told without sending one: each rule matches,
 * does not, or may.
 */

import { VERDICT } from "../netlink/netfilter/expression.ts";
import { type Evaluation, holds, lookUp } from "./conditions.ts";
import type { Expression } from "./expression.ts";
import type { FilteredPacket } from "./fields.ts";
import { Registers } from "./registers.ts";
import type { VerdictData } from "./set-keys.ts";

export interface Rule {
  readonly chain: string;
  readonly handle: number;
  readonly expressions: readonly Expression[];
}

/** What can happen to the packet: each with the rule that would do it. Translated: its destination becomes another. */
export interface Possible {
  readonly accept?: Rule;
  readonly drop?: Rule;
  readonly translate?: Rule;
  /** No rule may decide. */
  readonly falls: boolean;
}

export interface Ruleset {
  /** By chain, in order. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  bounds: Evaluation["bounds"];
}

/** Where a packet is: in a chain that so many jumps led to. */
export interface Place {
  readonly packet: FilteredPacket;
  readonly depth: number;
}

/** Chains that lead to each other deeper than the kernel allows (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

export function evaluateChain(ruleset: Ruleset, chain: string, place: Place): Possible {
  const { packet, depth } = place;
  let possible: Possible = { falls: true };
  for (const rule of depth > DEEPEST ? [] : (ruleset.rules.get(chain) ?? [])) {
    const { isSure, verdicts } = evaluateRule(ruleset, rule, packet);
    for (const verdict of verdicts) {
      const then = followed(ruleset, { rule, verdict }, place);
      const isEnd = isSure && (!then.falls || verdict.kind === "return" || verdict.kind === "goto");
      possible = { ...then, ...possible, falls: isEnd ? then.falls : true };
      if (isEnd) return possible;
    }
  }
  return possible;
}

type Verdict =
  | { readonly kind: "accept" | "drop" | "translate" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

/** A rule with what it does. */
interface Decision {
  readonly rule: Rule;
  readonly verdict: Verdict;
}

function followed(ruleset: Ruleset, { rule, verdict }: Decision, { packet, depth }: Place): Possible {
  if (verdict.kind === "return") return { falls: true };
  if (verdict.kind === "jump" || verdict.kind === "goto")
    return evaluateChain(ruleset, verdict.chain, { packet, depth: depth + 1 });
  return { [verdict.kind]: rule, falls: false };
}

/** What a rule does: one thing for sure, or perhaps one of several; none where it does not match or only counts. */
interface RuleOutcome {
  readonly isSure: boolean;
  readonly verdicts: readonly Verdict[];
}

const NOTHING: RuleOutcome = { isSure: true, verdicts: [] };

function evaluateRule({ bounds }: Ruleset, { expressions }: Rule, packet: FilteredPacket): RuleOutcome {
  const evaluation = { packet, registers: new Registers(), bounds };
  let isSure = true;
  for (const expression of expressions) {
    const verdict = verdictOf(expression);
    if (verdict !== undefined) return { isSure, verdicts: [verdict] };
    if (isVerdictMap(expression)) return mapped(expression, evaluation, isSure);
    const isHeld = holds(expression, evaluation);
    if (isHeld === false) return NOTHING;
    if (isHeld === undefined) isSure = false;
  }
  return NOTHING;
}

/** `vmap`: a lookup whose value goes to the register of verdicts. */
function isVerdictMap({ NFTA_EXPR_NAME: name, NFTA_EXPR_DATA: data }: Expression): boolean {
  return name === "lookup" && data?.NFTA_LOOKUP_DREG === 0;
}

function mapped(
  { NFTA_EXPR_DATA: data = {} }: Expression,
  evaluation: Evaluation,
  isSure: boolean,
): RuleOutcome {
  const found = lookUp(data, evaluation);
  const all = evaluation.bounds(data.NFTA_LOOKUP_SET ?? "") ?? [];
  const bounds = found === undefined ? all : found.bound === undefined ? [] : [found.bound];
  const verdicts = bounds.flatMap(({ verdict }) => (verdict === undefined ? [] : toVerdict(verdict)));
  return { isSure: isSure && found !== undefined, verdicts };
}

const DROPPING_TARGETS = ["DROP", "REJECT"];
const TRANSLATING = ["nat", "redir", "tproxy"];
const TRANSLATING_TARGETS = ["DNAT", "REDIRECT", "TPROXY"];

/** What ends a rule; undefined for what does not. */
function verdictOf({ NFTA_EXPR_NAME: name = "", NFTA_EXPR_DATA: data }: Expression): Verdict | undefined {
  const target = data?.NFTA_TARGET_NAME ?? "";
  if (name === "reject" || DROPPING_TARGETS.includes(target)) return { kind: "drop" };
  if (TRANSLATING.includes(name) || TRANSLATING_TARGETS.includes(target)) return { kind: "translate" };
  const verdict = data?.NFTA_IMMEDIATE_DATA?.NFTA_DATA_VERDICT;
  return verdict && toVerdict(verdict);
}

function toVerdict({ NFTA_VERDICT_CODE: code, NFTA_VERDICT_CHAIN: chain = "" }: VerdictData): Verdict {
  if (code === VERDICT.DROP) return { kind: "drop" };
  if (code === VERDICT.JUMP) return { kind: "jump", chain };
  if (code === VERDICT.GOTO) return { kind: "goto", chain };
  return { kind: code === VERDICT.RETURN ? "return" : "accept" };
}
