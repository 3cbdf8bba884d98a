/** The hop through the packet filter: our policy between bridges, and other programs' chains. */

import type { Family } from "../../addr/address.ts";
import type { BaseChain } from "../../firewall/chains.ts";
import type { EvaluatedChain } from "../../firewall/evaluate-chains.ts";
import { evaluateChains } from "../../firewall/evaluate-chains.ts";
import type { NamedIndex } from "../../firewall/packet.ts";
import type { Rule } from "../../firewall/rules.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import { NFPROTO } from "../../netlink/netfilter/header.ts";
import { NF_INET } from "../../netlink/netfilter/nf-tables.ts";
import { findPolicy } from "../../nftables/explain.ts";
import type { Facts } from "./facts.ts";
import { type Hop, type Packet, passes, stops, warns } from "./hop.ts";

interface Filtered {
  readonly packet: Packet;
  readonly iif: NamedIndex;
  /** Undefined where the node itself takes it. */
  readonly oif: NamedIndex | undefined;
}

/** What goes from one interface of the node to another: our own policy, then other programs' chains. */
export function judgeForward(
  { netfilter }: Facts,
  { packet, iif, oif }: Filtered & { readonly oif: NamedIndex },
): Hop[] {
  if (netfilter === undefined) return [];
  const names = { iifname: iif.ifname, oifname: oif.ifname };
  const place = { type: "filter", hook: NF_INET.FORWARD };
  const answer = { ...answerTo(packet), iif: oif, oif: iif };
  return [
    ...judgePolicy(findPolicy(netfilter, names.iifname, names.oifname), names),
    ...evaluateChains(netfilter, place, { ...packet, iif, oif }).flatMap((one) => judgeChain("forward", one)),
    ...evaluateChains(netfilter, place, answer).flatMap(judgeAnswer),
    ...judgeLegacy(packet.dst.family, readLegacyTables(packet.dst.family)),
  ];
}

/** What the node takes, and its answer. */
export function judgeTaking({ netfilter }: Facts, { packet, iif }: Omit<Filtered, "oif">): Hop[] {
  if (netfilter === undefined) return [];
  const taking = { type: "filter", hook: NF_INET.LOCAL_IN };
  const answering = { type: "filter", hook: NF_INET.LOCAL_OUT };
  const answer = { ...answerTo(packet), iif: NOWHERE, oif: iif };
  return [
    ...evaluateChains(netfilter, taking, { ...packet, iif, oif: undefined }).flatMap((one) =>
      judgeChain("input", one),
    ),
    ...evaluateChains(netfilter, answering, answer).flatMap(judgeAnswer),
  ];
}

/** What the node itself sends comes in by none. */
const NOWHERE: NamedIndex = { ifname: "", ifindex: 0 };

function answerTo({ src, dst, service, isTranslated }: Packet) {
  return { src: dst, dst: src, service, isTranslated, isReply: true } as const;
}

/** Nothing to say of an answer that passes. */
function judgeAnswer(judged: EvaluatedChain): Hop[] {
  return judgeChain("reply", judged)
    .filter(({ level }) => level !== "ok")
    .map((hop) => ({ ...hop, text: `of the answer: ${hop.text}` }));
}

/** A hop at which the destination becomes another one, for sure or perhaps. */
interface Elsewhere {
  readonly isSure: boolean;
  readonly hop: Hop;
}

/** Whether another program gives the packet another destination, a Service's for one. */
export function judgeTranslations({ netfilter }: Facts, { packet, iif }: Omit<Filtered, "oif">): Elsewhere[] {
  if (netfilter === undefined) return [];
  const place = { type: "nat", hook: NF_INET.PRE_ROUTING };
  return evaluateChains(netfilter, place, { ...packet, iif, oif: undefined }).flatMap(judgeTranslation);
}

/** What the bridges' ingressPolicy says. */
function judgePolicy(
  policy: "isolated" | "same-bridge" | undefined,
  { iifname, oifname }: { readonly iifname: string; readonly oifname: string },
): Hop[] {
  if (policy === undefined) return [];
  const advice = 'want another "ingressPolicy" in the configuration, and pods started anew';
  const who =
    policy === "isolated"
      ? `pods of ${iifname} take nothing from each other`
      : `${iifname} and ${oifname} take nothing from each other`;
  return [stops("policy", `${who} (ingressPolicy; chain forward of table inet podwire)`, advice)];
}

/** Nothing to say of a chain that lets everything pass. */
function judgeChain(at: string, { chain, verdicts }: EvaluatedChain): Hop[] {
  const { accept, drop, fallsThrough } = verdicts;
  const name = describe(chain);
  const mayDrop = drop !== undefined || (fallsThrough && chain.isDropping);
  if (!mayDrop)
    return accept === undefined
      ? []
      : [passes(at, `${name} lets it pass, by ${describeRule(accept, chain)}`)];
  const mayPass = accept !== undefined || (fallsThrough && !chain.isDropping);
  const by =
    drop === undefined
      ? "no rule of it accepts the packet, and its policy is drop"
      : describeRule(drop, chain);
  if (mayPass)
    return [
      warns(
        at,
        `${name} may drop it: ${by}; whether it comes to that cannot be told from here`,
        listing(chain, drop),
      ),
    ];
  if (drop !== undefined) return [stops(at, `${name} drops it, by ${by}`, deletion(drop, chain))];
  return [stops(at, `${name} drops it: ${by}`, opening(at, chain))];
}

const FAMILIES: Readonly<Record<number, string>> = {
  [NFPROTO.INET]: "inet",
  [NFPROTO.IPV4]: "ip",
  [NFPROTO.IPV6]: "ip6",
};

function tableOf({ family, table }: BaseChain): string {
  return `${FAMILIES[family] ?? family} ${table}`;
}

function describe(chain: BaseChain): string {
  return `chain ${chain.name} of table ${tableOf(chain)}`;
}

function describeRule({ chain, handle }: Rule, base: BaseChain): string {
  return `the rule with handle ${handle}${chain === base.name ? "" : ` of chain ${chain}`}`;
}

function listing(base: BaseChain, rule: Rule | undefined): string {
  return `nft -a list chain ${tableOf(base)} ${rule?.chain ?? base.name}`;
}

function deletion({ chain, handle }: Rule, base: BaseChain): string {
  return `look at it: nft -a list chain ${tableOf(base)} ${chain}; take it away: nft delete rule ${tableOf(base)} ${chain} handle ${handle}`;
}

function opening(at: string, base: BaseChain): string {
  if (at !== "forward") return `accept it there: ${listing(base, undefined)}`;
  return '"forward": true in the configuration, and pods started anew; or accept their bridge there';
}

function judgeTranslation({ chain, verdicts }: EvaluatedChain): Elsewhere[] {
  const { translate, accept, fallsThrough } = verdicts;
  if (translate === undefined) return [];
  const isSure = accept === undefined && !fallsThrough;
  const gives = isSure ? "gives" : "may give";
  const text = `${describe(chain)} ${gives} it another destination (a Service's, or a port's of another program), by ${describeRule(translate, chain)}`;
  return [{ isSure, hop: warns("nat", text, "podwire trace again, with the address behind it") }];
}

const FILES = { 4: "/proc/net/ip_tables_names", 6: "/proc/net/ip6_tables_names" } as const;
const PROGRAMS = { 4: "iptables-legacy", 6: "ip6tables-legacy" } as const;

/** Names of the tables that there are, one a line; empty where this kernel has none of that sort. */
export function readLegacyTables(family: Family): string {
  return readTextFileIfAny(FILES[family]) ?? "";
}

export function judgeLegacy(family: Family, tables: string): Hop[] {
  if (!tables.split("\n").includes("filter")) return [];
  const text = `there is a table "filter" of ${PROGRAMS[family]}, whose rules cannot be read by netlink: they may drop it`;
  return [warns("forward", text, `${PROGRAMS[family]} -S`)];
}
