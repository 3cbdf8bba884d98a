/** Other programs' chains that drop forwarded packets (Docker: `iptables -P FORWARD DROP`), and our way through them. */

import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError } from "../netlink/error.ts";
import { META, VERDICT } from "../netlink/netfilter/expression.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { NF_INET } from "../netlink/netfilter/nf-tables.ts";
import { accept, counter, type Expression, iifname, is, oifname } from "./expression.ts";
import { listChains, type NetfilterSocket } from "./ruleset.ts";
import { commentOf, type NetfilterRequest, TABLE_NAME } from "./table.ts";

/** A chain that drops what no rule of it accepts. */
export interface DroppingChain {
  readonly family: number;
  readonly table: string;
  readonly name: string;
}

export interface ForwardRule {
  readonly chain: DroppingChain;
  readonly handle: number;
  readonly expressions: readonly Expression[];
  readonly isOurs: boolean;
}

const FAMILIES: readonly number[] = [NFPROTO.IPV4, NFPROTO.IPV6, NFPROTO.INET];
const DIRECTIONS = [
  { field: iifname, key: META.IIFNAME },
  { field: oifname, key: META.OIFNAME },
] as const;

/** Every chain on the forward hook whose policy is drop, in tables that are not ours. */
export function listDroppingChains(socket: NetfilterSocket): DroppingChain[] {
  return listForwardChains(socket, [VERDICT.DROP]);
}

/** Those with one of these policies. None also where this kernel has no nf_tables. */
export function listForwardChains(socket: NetfilterSocket, policies: readonly number[]): DroppingChain[] {
  return listChains(socket).flatMap((chain) => {
    const { nfgen_family: family = 0, NFTA_CHAIN_TABLE: table = "", NFTA_CHAIN_NAME: name = "" } = chain;
    const isForward = chain.NFTA_CHAIN_HOOK?.NFTA_HOOK_HOOKNUM === NF_INET.FORWARD;
    const isMeant = isForward && policies.includes(chain.NFTA_CHAIN_POLICY ?? VERDICT.ACCEPT);
    return isMeant && FAMILIES.includes(family) && table !== TABLE_NAME ? [{ family, table, name }] : [];
  });
}

/** Rules that accept what comes from and goes to the bridge, where they are missing; each chain's first. */
export function acceptForwarded(socket: NetfilterSocket, bridge: string): void {
  const requests = listDroppingChains(socket).flatMap((chain) => {
    const present = listRulesOf(socket, chain).filter((rule) => rule.isOurs && isAbout(rule, bridge));
    return DIRECTIONS.filter(({ key }) => !present.some((rule) => keyIn(rule) === key)).map(({ field }) =>
      insertRequest(chain, [...is(field, interfaceName(bridge)), counter, accept]),
    );
  });
  commit(socket, requests);
}

/** Takes our rules about the bridge away, wherever they are. */
export function withdrawForwarded(socket: NetfilterSocket, bridge: string): void {
  const rules = listForwardChains(socket, [VERDICT.DROP, VERDICT.ACCEPT])
    .flatMap((chain) => listRulesOf(socket, chain))
    .filter((rule) => rule.isOurs && isAbout(rule, bridge));
  commit(
    socket,
    rules.map(({ chain, handle }) => ({
      message: "NFT_MSG_DELRULE",
      body: { ...placeOf(chain), NFTA_RULE_HANDLE: handle },
    })),
  );
}

/** The chains where a rule of ours about the bridge is missing. */
export function chainsWithoutRules(socket: NetfilterSocket, bridge: string): DroppingChain[] {
  return listDroppingChains(socket).filter((chain) => {
    const about = listRulesOf(socket, chain).filter((rule) => rule.isOurs && isAbout(rule, bridge));
    return !DIRECTIONS.every(({ key }) => about.some((rule) => keyIn(rule) === key));
  });
}

export function describeChain({ family, table, name }: DroppingChain): string {
  const word = { [NFPROTO.IPV4]: "ip", [NFPROTO.IPV6]: "ip6", [NFPROTO.INET]: "inet" }[family];
  return `chain ${name} of table ${word} ${table}`;
}

/** As iptables-nft compares it: with its NUL, without padding. */
function interfaceName(ifname: string): Uint8Array {
  return new TextEncoder().encode(`${ifname}\0`);
}

/** Without a name: all chains of the table. */
function placeOf({ family, table, name }: DroppingChain) {
  return {
    nfgen_family: family,
    NFTA_RULE_TABLE: table,
    ...(name === "" ? {} : { NFTA_RULE_CHAIN: name }),
  };
}

/** Like `nft insert rule`: the first of its chain; iptables-nft and nft both show the comment. */
function insertRequest(chain: DroppingChain, NFTA_RULE_EXPRESSIONS: readonly Expression[]): NetfilterRequest {
  const body = {
    ...placeOf(chain),
    NFTA_RULE_EXPRESSIONS,
    NFTA_RULE_USERDATA: commentOf(TABLE_NAME),
  };
  return { message: "NFT_MSG_NEWRULE", flags: NLM_F.CREATE, body };
}

/** In their order; of a chain without a name those of all chains of the table. */
export function listRulesOf(socket: NetfilterSocket, chain: DroppingChain): ForwardRule[] {
  const mark = commentOf(TABLE_NAME).toHex();
  const body = placeOf(chain);
  return socket.dump({ message: "NFT_MSG_GETRULE", body }, "NFT_MSG_NEWRULE").map((rule) => ({
    chain,
    handle: rule.NFTA_RULE_HANDLE ?? 0,
    expressions: rule.NFTA_RULE_EXPRESSIONS ?? [],
    isOurs:
      rule.NFTA_RULE_USERDATA?.toHex() === mark || (rule.NFTA_RULE_EXPRESSIONS ?? []).some(isOurComment),
  }));
}

/** The comment as iptables-nft writes it, once it restores a rule that it saved. */
function isOurComment({ NFTA_EXPR_DATA: data }: Expression): boolean {
  const info = data?.NFTA_MATCH_NAME === "comment" ? (data.NFTA_MATCH_INFO?.toHex() ?? "") : "";
  return info.startsWith(interfaceName(TABLE_NAME).toHex());
}

/** True where a rule compares something with the bridge's name. */
export function isAbout({ expressions }: ForwardRule, bridge: string): boolean {
  return expressions.some(({ NFTA_EXPR_DATA: data }) =>
    isNameOf(data?.NFTA_CMP_DATA?.NFTA_DATA_VALUE, bridge),
  );
}

/** nft(8) fills names up to IFNAMSIZ, iptables-nft ends them with one NUL. */
function isNameOf(bytes: Uint8Array | undefined, ifname: string): boolean {
  const name = interfaceName(ifname);
  const rest = bytes?.subarray(name.length) ?? [];
  return bytes?.subarray(0, name.length).toHex() === name.toHex() && rest.every((byte) => byte === 0);
}

/** Which name a rule looks at first. */
function keyIn({ expressions }: ForwardRule): number | undefined {
  return expressions.find(({ NFTA_EXPR_NAME }) => NFTA_EXPR_NAME === "meta")?.NFTA_EXPR_DATA?.NFTA_META_KEY;
}

function commit(socket: NetfilterSocket, requests: readonly NetfilterRequest[]): void {
  if (requests.length === 0) return;
  const refusal = socket.transact(requests).find((each) => each !== undefined);
  if (refusal !== undefined && refusal.errno !== "ENOENT") throw new NetlinkError(refusal);
}
