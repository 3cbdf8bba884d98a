/**
 * Our rules in foreign chains that drop forwarded packets, by policy (Docker: `iptables -P FORWARD DROP`) or by their last
 * rule (firewalld): they accept a bridge's.
 */

import { MARK } from "../linux/mark.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { NetlinkError } from "../netlink/error.ts";
import { type Expression, META } from "../netlink/netfilter/expression.ts";
import { terminatedIfname } from "../netlink/netfilter/ifname.ts";
import { iifname, oifname } from "../netlink/netfilter/packet-field.ts";
import type { NetfilterRequest, NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { accept, counter, is } from "../netlink/netfilter/statement.ts";
import { writeComment } from "../netlink/netfilter/userdata.ts";
import { type Chain, listForwardChains } from "./chains.ts";
import { ownedOf } from "./owned-tables.ts";
import { comparesIfname, endsInRefusal, listRules, type Rule, ruleAddress } from "./rules.ts";

const DIRECTIONS = [
  { field: iifname, key: META.IIFNAME },
  { field: oifname, key: META.OIFNAME },
] as const;

/** Adds the rules that accept what comes from and goes to the bridge where they are missing; each its chain's first. */
export function acceptForwarded(socket: NetfilterSocket, bridge: string): void {
  const requests = listDroppingChains(socket).flatMap((chain) =>
    missingDirections(socket, chain, bridge).map(({ field }) =>
      insertRequest(chain, [...is(field, terminatedIfname(bridge)), counter, accept]),
    ),
  );
  commit(socket, requests);
}

/** Removes our rules about the bridge from every foreign chain. */
export function withdrawForwarded(socket: NetfilterSocket, bridge: string): void {
  const requests = listForwardChains(socket).flatMap((chain) =>
    listOwnRules(socket, chain, bridge).map(
      ({ handle }): NetfilterRequest => ({
        message: "NFT_MSG_DELRULE",
        body: { ...ruleAddress(chain), NFTA_RULE_HANDLE: handle },
      }),
    ),
  );
  commit(socket, requests);
}

/** The chains where a rule of ours about the bridge is missing. */
export function chainsWithoutRules(socket: NetfilterSocket, bridge: string): Chain[] {
  return listDroppingChains(socket).filter((chain) => missingDirections(socket, chain, bridge).length > 0);
}

/** Without those that nobody but their owner may change: what is to be done about them, STATUS and doctor say. */
function listDroppingChains(socket: NetfilterSocket): Chain[] {
  const chains = listForwardChains(socket).filter(
    (chain) => chain.isDropping || endsInRefusal(socket, chain),
  );
  const owned = ownedOf(socket, chains);
  return chains.filter((chain) => !owned.includes(chain));
}

function missingDirections(socket: NetfilterSocket, chain: Chain, bridge: string) {
  const present = listOwnRules(socket, chain, bridge).map(metaKeyIn);
  return DIRECTIONS.filter(({ key }) => !present.includes(key));
}

function listOwnRules(socket: NetfilterSocket, chain: Chain, bridge: string): Rule[] {
  return listRules(socket, chain).filter((rule) => isOurs(rule) && comparesIfname(rule, bridge));
}

function isOurs({ comment, expressions }: Rule): boolean {
  return comment === MARK || expressions.some(isOurMatch);
}

/** The comment as iptables-nft writes it, once it restores a rule that it saved. */
function isOurMatch({ NFTA_EXPR_DATA: data }: Expression): boolean {
  const info = data?.NFTA_MATCH_NAME === "comment" ? (data.NFTA_MATCH_INFO?.toHex() ?? "") : "";
  return info.startsWith(new TextEncoder().encode(`${MARK}\0`).toHex());
}

/** Which name a rule looks at first. */
function metaKeyIn({ expressions }: Rule): number | undefined {
  return expressions.find(({ NFTA_EXPR_NAME }) => NFTA_EXPR_NAME === "meta")?.NFTA_EXPR_DATA?.NFTA_META_KEY;
}

/** Like `nft insert rule`: the first of its chain; iptables-nft and nft both show the comment. */
function insertRequest(chain: Chain, NFTA_RULE_EXPRESSIONS: readonly Expression[]): NetfilterRequest {
  const body = { ...ruleAddress(chain), NFTA_RULE_EXPRESSIONS, NFTA_RULE_USERDATA: writeComment(MARK) };
  return { message: "NFT_MSG_NEWRULE", flags: NLM_F.CREATE, body };
}

function commit(socket: NetfilterSocket, requests: readonly NetfilterRequest[]): void {
  if (requests.length === 0) return;
  const refusal = socket.transact(requests).find((each) => each !== undefined);
  if (refusal !== undefined && refusal.errno !== "ENOENT") throw new NetlinkError(refusal);
}
