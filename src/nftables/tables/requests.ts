/** The requests that make a table whole, whatever is left of it. */

import { MARK } from "../../linux/mark.ts";
import { u32 } from "../../netlink/codec/integer.ts";
import { NLM_F } from "../../netlink/codec/message.ts";
import { concatenate } from "../../netlink/codec/type.ts";
import { type Expression, VERDICT } from "../../netlink/netfilter/expression.ts";
import { DATA_VERDICT, SET_FLAG } from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterRequest } from "../../netlink/netfilter/protocol.ts";
import { writeComment } from "../../netlink/netfilter/userdata.ts";
import type { ChainDefinition, SetDefinition, TableDefinition } from "./definition.ts";
import { type KeyType, lengthOf, typeNumber } from "./key.ts";

export const TABLE_NAME = MARK;
const COMMENT = "made by podwire: pods are elements of its sets and maps";

/**
 * Makes the table, its sets and chains where they are missing, and its rules anew.
 *
 * In one transaction packets never see it half; two processes may do it at the same time.
 */
export function tableRequests(table: TableDefinition): NetfilterRequest[] {
  const { family, sets, chains } = table;
  return [
    tableRequest(table),
    ...sets.map((set, index) => setRequest(family, set, index + 1)),
    ...chains.map((chain) => chainRequest(family, chain)),
    ...chains.flatMap((chain) => ruleRequests(family, chain)),
  ];
}

/** Makes the table where it is missing; one that somebody has made dormant wakes up, for it has no flags then. */
export function tableRequest({ family: nfgen_family }: TableDefinition): NetfilterRequest {
  const name = { NFTA_TABLE_NAME: TABLE_NAME, NFTA_TABLE_FLAGS: 0 };
  const body = { nfgen_family, ...name, NFTA_TABLE_USERDATA: writeComment(COMMENT) };
  return { message: "NFT_MSG_NEWTABLE", flags: NLM_F.CREATE, body };
}

/** NFTNL_UDATA_SET_KEYBYTEORDER: interface names, alone in a key, are in host order. */
const HOST_ORDER = concatenate([Uint8Array.of(0, 4), u32.write(1, {})]);

/** `id`: what other requests of the transaction call the set by. */
export function setRequest(
  nfgen_family: number,
  { name, key, value, flags = 0 }: SetDefinition,
  id: number,
): NetfilterRequest {
  const isName = key.length === 1 && key[0]?.name === "ifname";
  const body = {
    nfgen_family,
    NFTA_SET_TABLE: TABLE_NAME,
    NFTA_SET_NAME: name,
    NFTA_SET_FLAGS: flags | (value === undefined ? 0 : SET_FLAG.MAP),
    NFTA_SET_KEY_TYPE: typeNumber(key),
    NFTA_SET_KEY_LEN: lengthOf(key),
    ...(value === undefined ? {} : valueType(value)),
    NFTA_SET_ID: id,
    ...(isName ? { NFTA_SET_USERDATA: HOST_ORDER } : {}),
  };
  return { message: "NFT_MSG_NEWSET", flags: NLM_F.CREATE, body };
}

function valueType(value: "verdict" | readonly KeyType[]) {
  return value === "verdict"
    ? { NFTA_SET_DATA_TYPE: DATA_VERDICT, NFTA_SET_DATA_LEN: 0 }
    : { NFTA_SET_DATA_TYPE: typeNumber(value), NFTA_SET_DATA_LEN: lengthOf(value) };
}

/** Like `nft add chain`; without a hook one that others lead to. */
export function chainRequest(
  nfgen_family: number,
  { name, hook }: Pick<ChainDefinition, "name" | "hook">,
): NetfilterRequest {
  const place = hook && {
    NFTA_CHAIN_TYPE: hook.type,
    NFTA_CHAIN_HOOK: { NFTA_HOOK_HOOKNUM: hook.hook, NFTA_HOOK_PRIORITY: hook.priority },
    NFTA_CHAIN_POLICY: VERDICT.ACCEPT,
  };
  const body = { nfgen_family, NFTA_CHAIN_TABLE: TABLE_NAME, NFTA_CHAIN_NAME: name, ...place };
  return { message: "NFT_MSG_NEWCHAIN", flags: NLM_F.CREATE, body };
}

/** Empties the chain and fills it. */
function ruleRequests(nfgen_family: number, chain: ChainDefinition): NetfilterRequest[] {
  return [
    flushRequest(nfgen_family, chain.name),
    ...chain.rules().map((expressions) => ruleRequest(nfgen_family, chain.name, expressions)),
  ];
}

/** Like `nft flush chain`. */
export function flushRequest(nfgen_family: number, chain: string): NetfilterRequest {
  const body = { nfgen_family, NFTA_RULE_TABLE: TABLE_NAME, NFTA_RULE_CHAIN: chain };
  return { message: "NFT_MSG_DELRULE", body };
}

/** Like `nft add rule`: the last of its chain. */
export function ruleRequest(
  nfgen_family: number,
  chain: string,
  NFTA_RULE_EXPRESSIONS: readonly Expression[],
): NetfilterRequest {
  return {
    message: "NFT_MSG_NEWRULE",
    flags: NLM_F.CREATE | NLM_F.APPEND,
    body: { nfgen_family, NFTA_RULE_TABLE: TABLE_NAME, NFTA_RULE_CHAIN: chain, NFTA_RULE_EXPRESSIONS },
  };
}
