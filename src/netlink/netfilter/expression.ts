/** Expressions of nf_tables rules: one table each, linux/netfilter/nf_tables.h. */

import { attributes } from "../codec/attributes.ts";
import { byKind } from "../codec/by-kind.ts";
import { be32, u8 } from "../codec/integer.ts";
import { listOf } from "../codec/list.ts";
import { cString, raw, type ValueOf } from "../codec/type.ts";

/** Verdict codes, `enum` nft_verdicts and NF_* of linux/netfilter.h, as the unsigned numbers on the wire. */
export const VERDICT = {
  DROP: 0,
  ACCEPT: 1,
  JUMP: 0xff_ff_ff_fd,
  GOTO: 0xff_ff_ff_fc,
  RETURN: 0xff_ff_ff_fb,
} as const;

/** `enum` NFTA_DATA_*: a value in registers, or a verdict. */
export const data = attributes({
  NFTA_DATA_VALUE: [1, raw],
  NFTA_DATA_VERDICT: [2, attributes({ NFTA_VERDICT_CODE: [1, be32], NFTA_VERDICT_CHAIN: [2, cString] })],
});

/** `enum` NFTA_META_*. */
const meta = attributes({ NFTA_META_DREG: [1, be32], NFTA_META_KEY: [2, be32] });

/** `enum` NFTA_CMP_*. */
const cmp = attributes({ NFTA_CMP_SREG: [1, be32], NFTA_CMP_OP: [2, be32], NFTA_CMP_DATA: [3, data] });

/** `enum` NFTA_PAYLOAD_*. */
const payload = attributes({
  NFTA_PAYLOAD_DREG: [1, be32],
  NFTA_PAYLOAD_BASE: [2, be32],
  NFTA_PAYLOAD_OFFSET: [3, be32], // bytes
  NFTA_PAYLOAD_LEN: [4, be32], // bytes
});

/** `enum` NFTA_LOOKUP_*. */
const lookup = attributes({
  NFTA_LOOKUP_SET: [1, cString],
  NFTA_LOOKUP_SREG: [2, be32],
  NFTA_LOOKUP_DREG: [3, be32],
  NFTA_LOOKUP_SET_ID: [4, be32],
  NFTA_LOOKUP_FLAGS: [5, be32],
});

/** `enum` NFTA_BITWISE_*. */
const bitwise = attributes({
  NFTA_BITWISE_SREG: [1, be32],
  NFTA_BITWISE_DREG: [2, be32],
  NFTA_BITWISE_LEN: [3, be32], // bytes
  NFTA_BITWISE_MASK: [4, data],
  NFTA_BITWISE_XOR: [5, data],
});

/** `enum` NFTA_NAT_*. */
const nat = attributes({
  NFTA_NAT_TYPE: [1, be32],
  NFTA_NAT_FAMILY: [2, be32],
  NFTA_NAT_REG_ADDR_MIN: [3, be32],
  NFTA_NAT_REG_PROTO_MIN: [5, be32],
});

/** `enum` NFTA_COUNTER_*: eight bytes each. */
const counter = attributes({ NFTA_COUNTER_BYTES: [1, raw], NFTA_COUNTER_PACKETS: [2, raw] });

/** `enum` NFTA_MATCH_*: a match of iptables, as iptables-nft writes it. */
const match = attributes({
  NFTA_MATCH_NAME: [1, cString],
  NFTA_MATCH_REV: [2, be32],
  NFTA_MATCH_INFO: [3, raw],
});

/** `enum` NFTA_TARGET_*: a target of iptables, as iptables-nft writes it. */
const target = attributes({ NFTA_TARGET_NAME: [1, cString] });

/** `enum` NFTA_EXPR_*. */
export const expression = attributes({
  NFTA_EXPR_NAME: [1, cString],
  NFTA_EXPR_DATA: [
    2,
    byKind("NFTA_EXPR_NAME", {
      meta,
      cmp,
      payload,
      lookup,
      bitwise,
      nat,
      counter,
      match,
      target,
      immediate: attributes({ NFTA_IMMEDIATE_DREG: [1, be32], NFTA_IMMEDIATE_DATA: [2, data] }),
      fib: attributes({ NFTA_FIB_DREG: [1, be32], NFTA_FIB_RESULT: [2, be32], NFTA_FIB_FLAGS: [3, be32] }),
      ct: attributes({ NFTA_CT_DREG: [1, be32], NFTA_CT_KEY: [2, be32], NFTA_CT_DIRECTION: [3, u8] }),
      masq: attributes({
        NFTA_MASQ_FLAGS: [1, be32],
        NFTA_MASQ_REG_PROTO_MIN: [2, be32],
        NFTA_MASQ_REG_PROTO_MAX: [3, be32],
      }),
    }),
  ],
});

export type Expression = ValueOf<typeof expression>;

export const expressions = listOf(1, expression);

/** Base of a payload expression, `enum` nft_payload_bases. */
export const PAYLOAD_BASE = { LINK: 0, NETWORK: 1, TRANSPORT: 2 } as const;

/** `enum` nft_meta_keys. */
export const META = {
  PROTOCOL: 1,
  IIF: 4,
  OIF: 5,
  IIFNAME: 6,
  OIFNAME: 7,
  NFPROTO: 15,
  L4PROTO: 16,
  IIFGROUP: 21,
} as const;

export const CMP = { EQ: 0, NEQ: 1, LT: 2, LTE: 3, GT: 4, GTE: 5 } as const;
export const LOOKUP_INVERTED = 1; // NFT_LOOKUP_F_INV
export const CT_STATE = 0; // enum nft_ct_keys
export const CT_STATUS = 2;
/** NF_CT_STATE_INVALID_BIT, and NF_CT_STATE_BIT of IP_CT_ESTABLISHED and IP_CT_NEW, linux/netfilter/nf_conntrack_common.h. */
export const CT_STATE_BIT = { INVALID: 1, ESTABLISHED: 2, NEW: 8 } as const;
/** Bits of `enum ip_conntrack_status`: it was answered, is in the table, its destination was translated. */
export const IPS = { SEEN_REPLY: 0x2, CONFIRMED: 0x8, DST_NAT: 0x20 } as const;
export const NAT_DNAT = 1; // enum nft_nat_types
export const NAT_PROTO_SPECIFIED = 0x2; // NF_NAT_RANGE_PROTO_SPECIFIED
export const NAT_RANDOM_FULLY = 0x10; // NF_NAT_RANGE_PROTO_RANDOM_FULLY, linux/netfilter/nf_nat.h
export const FIB = { RESULT_ADDRTYPE: 3, FLAG_DADDR: 2 } as const;
export const RTN_LOCAL = 2; // linux/rtnetlink.h
