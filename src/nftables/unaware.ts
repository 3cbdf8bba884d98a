/** Other programs' chains that end what pods forward, made by somebody who has not thought of the pods. */

import { addressToBytes } from "../addr/address.ts";
import { networkOf, type Prefix } from "../addr/prefix.ts";
import { ignoringErrno } from "../linux/error.ts";
import { PAYLOAD_BASE, VERDICT } from "../netlink/netfilter/expression.ts";
import type { Expression } from "./expression.ts";
import {
  type DroppingChain,
  type ForwardRule,
  isAbout,
  listDroppingChains,
  listForwardChains,
  listRulesOf,
} from "./forward.ts";
import type { NetfilterSocket } from "./ruleset.ts";
import { type Bound, findKey, listBounds } from "./set-keys.ts";

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
  const starts = networks.map((network) => addressToBytes(networkOf(network).address));
  const keys = [paddedName(bridge), ...starts].map((bytes) => bytes.toHex());
  const isKnown = (set: string) => {
    const place = { family: chain.family, table: chain.table, set };
    const bounds = ignoringErrno(() => listBounds(socket, place), [], "ENOENT") ?? [];
    return keys.some((key) => isIn(bounds, key));
  };
  return !listRulesOf(socket, { ...chain, name: "" }).some(
    (rule) => isAbout(rule, bridge) || isAboutNetwork(rule, starts) || setsOf(rule).some(isKnown),
  );
}

/** As keys of sets have it. */
function paddedName(ifname: string): Uint8Array {
  const bytes = new Uint8Array(IFNAMSIZ);
  bytes.set(new TextEncoder().encode(ifname));
  return bytes;
}

const IFNAMSIZ = 16; // linux/if.h

/** Names, IPv4 and IPv6 addresses are told apart by their length. */
function isIn(bounds: readonly Bound[], key: string): boolean {
  const comparable = bounds.filter((bound) => bound.key.length === key.length);
  return findKey(comparable, key) !== undefined;
}

/** Names of the sets that a rule looks into. */
function setsOf({ expressions }: ForwardRule): string[] {
  return expressions.flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []);
}

/** True where an address of the packet is compared with what one of a network begins with. */
function isAboutNetwork({ expressions }: ForwardRule, starts: readonly Uint8Array[]): boolean {
  return expressions.some(({ NFTA_EXPR_DATA: data }, index) => {
    const value = data?.NFTA_CMP_DATA?.NFTA_DATA_VALUE ?? new Uint8Array();
    const at = expressions.slice(0, index).findLastIndex(({ NFTA_EXPR_NAME: name }) => name === "payload");
    const masked = expressions.slice(at, index).find(({ NFTA_EXPR_NAME: name }) => name === "bitwise");
    const mask = masked?.NFTA_EXPR_DATA?.NFTA_BITWISE_MASK?.NFTA_DATA_VALUE;
    const isPart = (start: Uint8Array) =>
      value.every((byte, offset) => byte === ((start[offset] ?? 0) & (mask?.[offset] ?? 0xff)));
    return isAddress(expressions[at]) && value.length > 0 && starts.some(isPart);
  });
}

/** Sender or receiver in struct iphdr or struct ipv6hdr. */
function isAddress(field: Expression | undefined): boolean {
  const { NFTA_PAYLOAD_BASE: base, NFTA_PAYLOAD_OFFSET: offset = 0 } = field?.NFTA_EXPR_DATA ?? {};
  return base === PAYLOAD_BASE.NETWORK && [8, 12, 16, 24].includes(offset);
}
