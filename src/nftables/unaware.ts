/** Other programs' chains that end what pods forward, made by somebody who has not thought of the pods. */

import { addressToBytes } from "../addr/address.ts";
import { networkOf, type Prefix } from "../addr/prefix.ts";
import { unlessErrno } from "../linux/file.ts";
import { PAYLOAD_BASE, VERDICT } from "../netlink/netfilter/expression.ts";
import type { Expression } from "./expression.ts";
import {
  type DroppingChain,
  type ForwardRule,
  isAbout,
  isNameOf,
  listDroppingChains,
  listForwardChains,
  listRulesOf,
} from "./forward.ts";
import type { NetfilterSocket } from "./ruleset.ts";

/** The chains with policy drop in whose tables no rule looks at the bridge or at these networks. */
export function chainsUnawareOf(
  socket: NetfilterSocket,
  bridge: string,
  networks: readonly Prefix[],
): DroppingChain[] {
  return listDroppingChains(socket).filter((chain) => isUnaware(socket, chain, { bridge, networks }));
}

/** The same of chains that accept by policy, and whose last rule rejects or drops what is left: firewalld's. */
export function rejectingChainsUnawareOf(
  socket: NetfilterSocket,
  bridge: string,
  networks: readonly Prefix[],
): DroppingChain[] {
  return listForwardChains(socket, [VERDICT.ACCEPT]).filter((chain) => {
    const last = listRulesOf(socket, chain).at(-1);
    return last !== undefined && isRefusal(last) && isUnaware(socket, chain, { bridge, networks });
  });
}

/** True where a rule refuses every packet that comes to it. */
function isRefusal({ expressions }: ForwardRule): boolean {
  const isPassed = ({ NFTA_EXPR_NAME: name = "" }: Expression) => name === "counter" || name === "log";
  const [verdict, ...others] = expressions.filter((one) => !isPassed(one));
  if (verdict === undefined || others.length > 0) return false;
  const { NFTA_EXPR_NAME: name, NFTA_EXPR_DATA: data } = verdict;
  const code = data?.NFTA_IMMEDIATE_DATA?.NFTA_DATA_VERDICT?.NFTA_VERDICT_CODE;
  return name === "reject" || (name === "immediate" && code === VERDICT.DROP);
}

interface Pods {
  readonly bridge: string;
  readonly networks: readonly Prefix[];
}

function isUnaware(socket: NetfilterSocket, chain: DroppingChain, { bridge, networks }: Pods): boolean {
  const starts = networks.map((network) => addressToBytes(networkOf(network).address).toHex());
  const isKnown = (key: Uint8Array) => isNameOf(key, bridge) || starts.includes(key.toHex());
  return !listRulesOf(socket, { ...chain, name: "" }).some(
    (rule) =>
      isAbout(rule, bridge) ||
      isAboutNetwork(rule, starts) ||
      setsOf(rule).some((set) => listKeys(socket, chain, set).some(isKnown)),
  );
}

/** Names of the sets that a rule looks into. */
function setsOf({ expressions }: ForwardRule): string[] {
  return expressions.flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []);
}

/** Of ranges the first address. */
function listKeys(socket: NetfilterSocket, { family, table }: DroppingChain, set: string): Uint8Array[] {
  const body = { nfgen_family: family, NFTA_SET_ELEM_LIST_TABLE: table, NFTA_SET_ELEM_LIST_SET: set };
  const dump = () => socket.dump({ message: "NFT_MSG_GETSETELEM", body }, "NFT_MSG_NEWSETELEM");
  return unlessErrno(dump, [], "ENOENT")
    .flatMap((message) => message.NFTA_SET_ELEM_LIST_ELEMENTS ?? [])
    .flatMap(({ NFTA_SET_ELEM_KEY: key }) => key?.NFTA_DATA_VALUE ?? []);
}

/** True where an address of the packet is compared with the leading bytes of a network. */
function isAboutNetwork({ expressions }: ForwardRule, starts: readonly string[]): boolean {
  return expressions.some(({ NFTA_EXPR_DATA: data }, index) => {
    const value = data?.NFTA_CMP_DATA?.NFTA_DATA_VALUE?.toHex() ?? "";
    const field = expressions.slice(0, index).findLast((before) => before.NFTA_EXPR_NAME === "payload");
    return isAddress(field) && value !== "" && starts.some((start) => start.startsWith(value));
  });
}

/** Sender or receiver in struct iphdr or struct ipv6hdr. */
function isAddress(field: Expression | undefined): boolean {
  const { NFTA_PAYLOAD_BASE: base, NFTA_PAYLOAD_OFFSET: offset = 0 } = field?.NFTA_EXPR_DATA ?? {};
  return base === PAYLOAD_BASE.NETWORK && [8, 12, 16, 24].includes(offset);
}
