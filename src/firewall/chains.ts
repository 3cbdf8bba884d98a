/** The chains of a node's rulesets, and which of them are foreign: those of other programs. */

import { ignoringErrno } from "../linux/error.ts";
import { MARK } from "../linux/mark.ts";
import { VERDICT } from "../netlink/netfilter/expression.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { NF_INET } from "../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";

/** A chain of any program. */
export interface Chain {
  /** NFPROTO_* */
  readonly family: number;
  readonly table: string;
  readonly name: string;
}

/** Where on a packet's way a base chain is. */
export interface Place {
  /** `filter`, `nat` or `route`. */
  readonly type: string;
  /** NF_INET_* */
  readonly hook: number;
}

/** A chain that a hook leads packets to. */
export interface BaseChain extends Chain, Place {
  readonly priority: number;
  /** Its policy: it drops what no rule of it decides. */
  readonly isDropping: boolean;
}

/** Families of the packets that pods send and get. */
const FAMILY_NAME: Readonly<Record<number, string>> = {
  [NFPROTO.IPV4]: "ip",
  [NFPROTO.IPV6]: "ip6",
  [NFPROTO.INET]: "inet",
};

/** Every chain of every program. None also where this kernel has no nf_tables. */
export function listChains(socket: NetfilterSocket): Chain[] {
  return dumpChains(socket).map(toChain);
}

/** The base chains of other programs, IPv4's, IPv6's and those of both. None also where this kernel has no nf_tables. */
export function listForeignChains(socket: NetfilterSocket): BaseChain[] {
  return dumpChains(socket).flatMap((message) => {
    const { NFTA_CHAIN_HOOK: hook, NFTA_CHAIN_POLICY: policy, NFTA_CHAIN_TYPE: type = "" } = message;
    const chain = toChain(message);
    if (hook === undefined || chain.table === MARK || FAMILY_NAME[chain.family] === undefined) return [];
    const { NFTA_HOOK_HOOKNUM: number = 0, NFTA_HOOK_PRIORITY: priority = 0 } = hook;
    return [{ ...chain, type, hook: number, priority, isDropping: policy === VERDICT.DROP }];
  });
}

/** Those on the forward hook. */
export function listForwardChains(socket: NetfilterSocket): BaseChain[] {
  return listForeignChains(socket).filter(({ hook }) => hook === NF_INET.FORWARD);
}

/** `chain FORWARD of table ip filter` */
export function describeChain({ family, table, name }: Chain): string {
  return `chain ${name} of table ${FAMILY_NAME[family]} ${table}`;
}

function dumpChains(socket: NetfilterSocket) {
  const dump = () => socket.dump({ message: "NFT_MSG_GETCHAIN", body: {} }, "NFT_MSG_NEWCHAIN");
  return ignoringErrno(dump, [], "EINVAL", "EOPNOTSUPP");
}

type ChainMessage = ReturnType<typeof dumpChains>[number];

function toChain(message: ChainMessage): Chain {
  const { nfgen_family: family = 0, NFTA_CHAIN_TABLE: table = "", NFTA_CHAIN_NAME: name = "" } = message;
  return { family, table, name };
}
