/** Foreign chains that end what pods forward, since their author did not think of the pods. */

import { addressToBytes } from "../addr/address.ts";
import { networkOf, type Prefix } from "../addr/prefix.ts";
import { ignoringErrno } from "../linux/error.ts";
import { type Expression, PAYLOAD_BASE } from "../netlink/netfilter/expression.ts";
import { paddedIfname } from "../netlink/netfilter/ifname.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { type Bound, findKey } from "../netlink/netfilter/set-bound.ts";
import { type Chain, listForwardChains } from "./chains.ts";
import { comparesIfname, endsInRefusal, listRules, type Rule } from "./rules.ts";
import { listBounds } from "./set-bounds.ts";

/** Whose packets are looked at. */
interface Pods {
  readonly bridge: string;
  readonly prefixes: readonly Prefix[];
}

/** The chains with policy drop in whose tables no rule looks at the bridge or at these prefixes. */
export function chainsBlocking(socket: NetfilterSocket, pods: Pods): Chain[] {
  return listForwardChains(socket).filter((chain) => chain.isDropping && !isAware(socket, chain, pods));
}

/** The same of chains that accept by policy, and whose last rule rejects or drops what is left: firewalld's. */
export function chainsRejecting(socket: NetfilterSocket, pods: Pods): Chain[] {
  return listForwardChains(socket).filter((chain) => {
    return !chain.isDropping && endsInRefusal(socket, chain) && !isAware(socket, chain, pods);
  });
}

/** True where a rule of the chain's table looks at the pods' bridge or addresses, by itself or in a set. */
function isAware(socket: NetfilterSocket, { family, table }: Chain, { bridge, prefixes }: Pods): boolean {
  const starts = prefixes.map((prefix) => addressToBytes(networkOf(prefix).address));
  const keys = [paddedIfname(bridge), ...starts].map((bytes) => bytes.toHex());
  const isKnown = (set: string) => {
    const bounds = ignoringErrno(() => listBounds(socket, { family, table }, set), [], "ENOENT") ?? [];
    return keys.some((key) => isIn(bounds, key));
  };
  return listRules(socket, { family, table }).some(
    (rule) => comparesIfname(rule, bridge) || comparesPrefix(rule, starts) || setsOf(rule).some(isKnown),
  );
}

/** Names, IPv4 and IPv6 addresses are told apart by their length. */
function isIn(bounds: readonly Bound[], key: string): boolean {
  const comparable = bounds.filter((bound) => bound.key.length === key.length);
  return findKey(comparable, key) !== undefined;
}

/** Names of the sets that a rule looks into. */
function setsOf({ expressions }: Rule): string[] {
  return expressions.flatMap(({ NFTA_EXPR_DATA: data }) => data?.NFTA_LOOKUP_SET ?? []);
}

/** True where an address of the packet is compared with what one of a prefix begins with. */
function comparesPrefix({ expressions }: Rule, starts: readonly Uint8Array[]): boolean {
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
