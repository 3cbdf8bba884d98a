/** The rules of any program's chains. */

import { type Expression, VERDICT } from "../netlink/netfilter/expression.ts";
import { terminatedIfname } from "../netlink/netfilter/ifname.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { readComment } from "../netlink/netfilter/userdata.ts";
import type { Chain } from "./chains.ts";

export interface Rule {
  /** Its chain's name. */
  readonly chain: string;
  readonly handle: number;
  readonly expressions: readonly Expression[];
  /** As nft(8) writes it; iptables-nft has a match for it instead. Empty: none. */
  readonly comment: string;
}

/** In their order; without a name those of all chains of the table. */
export function listRules(
  socket: NetfilterSocket,
  place: Pick<Chain, "family" | "table"> & { readonly name?: string },
): Rule[] {
  const body = ruleAddress(place);
  return socket.dump({ message: "NFT_MSG_GETRULE", body }, "NFT_MSG_NEWRULE").map((rule) => ({
    chain: rule.NFTA_RULE_CHAIN ?? "",
    handle: rule.NFTA_RULE_HANDLE ?? 0,
    expressions: rule.NFTA_RULE_EXPRESSIONS ?? [],
    comment: readComment(rule.NFTA_RULE_USERDATA),
  }));
}

/** What requests about rules of a chain begin with; without a name: of the whole table. */
export function ruleAddress({
  family,
  table,
  name,
}: Pick<Chain, "family" | "table"> & { readonly name?: string }) {
  return {
    nfgen_family: family,
    NFTA_RULE_TABLE: table,
    ...(name === undefined ? {} : { NFTA_RULE_CHAIN: name }),
  };
}

/** True where a rule compares something with the interface's name. */
export function comparesIfname({ expressions }: Rule, ifname: string): boolean {
  return expressions.some(({ NFTA_EXPR_DATA: data }) =>
    isIfname(data?.NFTA_CMP_DATA?.NFTA_DATA_VALUE, ifname),
  );
}

/** nft(8) fills names up to IFNAMSIZ, iptables-nft ends them with one NUL. */
function isIfname(bytes: Uint8Array | undefined, ifname: string): boolean {
  const name = terminatedIfname(ifname);
  const rest = bytes?.subarray(name.length) ?? [];
  return bytes?.subarray(0, name.length).toHex() === name.toHex() && rest.every((byte) => byte === 0);
}

/** True where the last rule of a chain rejects or drops all that is left, whatever its policy: firewalld's. */
export function endsInRefusal(socket: NetfilterSocket, chain: Chain): boolean {
  const last = listRules(socket, chain).at(-1);
  return last !== undefined && refusesAll(last);
}

function refusesAll({ expressions }: Rule): boolean {
  const isPassed = ({ NFTA_EXPR_NAME: name = "" }: Expression) => name === "counter" || name === "log";
  const [verdict, ...others] = expressions.filter((one) => !isPassed(one));
  if (verdict === undefined || others.length > 0) return false;
  const { NFTA_EXPR_NAME: name, NFTA_EXPR_DATA: data } = verdict;
  const code = data?.NFTA_IMMEDIATE_DATA?.NFTA_DATA_VERDICT?.NFTA_VERDICT_CODE;
  const isTarget = data?.NFTA_TARGET_NAME === "REJECT" || data?.NFTA_TARGET_NAME === "DROP";
  return name === "reject" || isTarget || (name === "immediate" && code === VERDICT.DROP);
}
