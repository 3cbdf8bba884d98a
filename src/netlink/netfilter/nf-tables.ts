/** The messages of nf_tables: tables, chains, rules, sets and their elements, linux/netfilter/nf_tables.h. */

import { attributes } from "../codec/attributes.ts";
import { be32, be64, bei32 } from "../codec/integer.ts";
import { listOf } from "../codec/list.ts";
import { headed } from "../codec/struct.ts";
import { cString, raw, type ValueOf } from "../codec/type.ts";
import { data, expressions } from "./expression.ts";
import { nfgenmsg } from "./header.ts";

export const NF_INET = { PRE_ROUTING: 0, LOCAL_IN: 1, FORWARD: 2, LOCAL_OUT: 3, POST_ROUTING: 4 } as const;

/** `enum` nft_table_flags. */
export const TABLE_FLAG = { DORMANT: 0x1, OWNER: 0x2 } as const;

/** `enum` nft_set_flags. */
export const SET_FLAG = { ANONYMOUS: 0x1, CONSTANT: 0x2, INTERVAL: 0x4, MAP: 0x8 } as const;

/** NFT_SET_ELEM_INTERVAL_END: the first key after an interval. */
export const INTERVAL_END = 0x1;

/** Type of a map whose values are verdicts (NFT_DATA_VERDICT). */
export const DATA_VERDICT = 0xff_ff_ff_00;

/** `enum` NFTA_TABLE_*. */
export const tableMessage = headed(
  nfgenmsg,
  attributes({
    NFTA_TABLE_NAME: [1, cString],
    NFTA_TABLE_FLAGS: [2, be32],
    NFTA_TABLE_USERDATA: [6, raw],
    NFTA_TABLE_OWNER: [7, be32], // netlink port of the program that the table goes with
  }),
);

/** `enum` NFTA_CHAIN_*. */
export const chainMessage = headed(
  nfgenmsg,
  attributes({
    NFTA_CHAIN_TABLE: [1, cString],
    NFTA_CHAIN_HANDLE: [2, be64],
    NFTA_CHAIN_NAME: [3, cString],
    NFTA_CHAIN_HOOK: [4, attributes({ NFTA_HOOK_HOOKNUM: [1, be32], NFTA_HOOK_PRIORITY: [2, bei32] })],
    NFTA_CHAIN_POLICY: [5, be32],
    NFTA_CHAIN_USE: [6, be32], // rules in it, and what leads to it
    NFTA_CHAIN_TYPE: [7, cString],
  }),
);

/** `enum` NFTA_RULE_*. */
export const ruleMessage = headed(
  nfgenmsg,
  attributes({
    NFTA_RULE_TABLE: [1, cString],
    NFTA_RULE_CHAIN: [2, cString],
    NFTA_RULE_HANDLE: [3, be64],
    NFTA_RULE_EXPRESSIONS: [4, expressions],
    NFTA_RULE_USERDATA: [7, raw],
  }),
);

/** `enum` NFTA_SET_*. */
export const setMessage = headed(
  nfgenmsg,
  attributes({
    NFTA_SET_TABLE: [1, cString],
    NFTA_SET_NAME: [2, cString],
    NFTA_SET_FLAGS: [3, be32],
    NFTA_SET_KEY_TYPE: [4, be32],
    NFTA_SET_KEY_LEN: [5, be32], // bytes
    NFTA_SET_DATA_TYPE: [6, be32],
    NFTA_SET_DATA_LEN: [7, be32], // bytes
    NFTA_SET_ID: [10, be32],
    NFTA_SET_USERDATA: [13, raw],
  }),
);

/** `enum` NFTA_SET_ELEM_*. */
export const setElement = attributes({
  NFTA_SET_ELEM_KEY: [1, data],
  NFTA_SET_ELEM_DATA: [2, data],
  NFTA_SET_ELEM_FLAGS: [3, be32],
  NFTA_SET_ELEM_USERDATA: [6, raw],
  NFTA_SET_ELEM_KEY_END: [10, data], // last key of a range of several fields
});

export type SetElement = ValueOf<typeof setElement>;

/** `enum` NFTA_SET_ELEM_LIST_*. */
export const elementsMessage = headed(
  nfgenmsg,
  attributes({
    NFTA_SET_ELEM_LIST_TABLE: [1, cString],
    NFTA_SET_ELEM_LIST_SET: [2, cString],
    NFTA_SET_ELEM_LIST_ELEMENTS: [3, listOf(1, setElement)],
    NFTA_SET_ELEM_LIST_SET_ID: [4, be32],
  }),
);

export type ElementsMessage = ValueOf<typeof elementsMessage>;

/** `enum` NFTA_GEN_*. */
export const generationMessage = headed(nfgenmsg, attributes({ NFTA_GEN_ID: [1, be32] }));
