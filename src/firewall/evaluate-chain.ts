/**
 * What a chain does with a packet, as far as it can be told without sending one: each rule matches, does not, or may.
 */

import { type Expression, VERDICT } from "../netlink/netfilter/expression.ts";
import type { VerdictData } from "../netlink/netfilter/set-bound.ts";
import { type Evaluation, holds, lookUp } from "./conditions.ts";
import type { FilteredPacket } from "./packet.ts";
import { Registers } from "./registers.ts";
import type { Rule } from "./rules.ts";

/** The verdicts that a packet may get, each with the rule that would give it. */
export interface Verdicts {
  readonly accept?: Rule;
  readonly drop?: Rule;
  /** Its destination becomes another one. */
  readonly translate?: Rule;
  /** No rule may decide: the packet continues behind the chain, in a base chain by its policy. */
  readonly fallsThrough: boolean;
}

export interface Ruleset {
  /** By chain, in order. */
  readonly rules: ReadonlyMap<string, readonly Rule[]>;
  bounds: Evaluation["bounds"];
}

/** Chains that lead to each other deeper than the kernel allows (NFT_JUMP_STACK_SIZE). */
const DEEPEST = 16;

export function evaluateChain(ruleset: Ruleset, chain: string, packet: FilteredPacket): Verdicts {
  return evaluateDeep(ruleset, chain, { packet, depth: 0 });
}

/** `depth`: how many jumps led to the chain. */
function evaluateDeep(
  ruleset: Ruleset,
  chain: string,
  { packet, depth }: { readonly packet: FilteredPacket; readonly depth: number },
): Verdicts {
  let verdicts: Verdicts = { fallsThrough: true };
  for (const rule of depth > DEEPEST ? [] : (ruleset.rules.get(chain) ?? [])) {
    const outcome = evaluateRule(ruleset, rule, packet);
    for (const verdict of outcome.verdicts) {
      const then = follow(verdict, rule, (next) => evaluateDeep(ruleset, next, { packet, depth: depth + 1 }));
      const isEnd =
        outcome.isSure && (!then.fallsThrough || verdict.kind === "return" || verdict.kind === "goto");
      verdicts = { ...then, ...verdicts, fallsThrough: isEnd ? then.fallsThrough : true };
      if (isEnd) return verdicts;
    }
  }
  return verdicts;
}

type Verdict =
  | { readonly kind: "accept" | "drop" | "translate" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string };

/** `evaluate`: a chain that the verdict leads to. */
function follow(verdict: Verdict, rule: Rule, evaluate: (chain: string) => Verdicts): Verdicts {
  if (verdict.kind === "return") return { fallsThrough: true };
  if (verdict.kind === "jump" || verdict.kind === "goto") return evaluate(verdict.chain);
  return { [verdict.kind]: rule, fallsThrough: false };
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
