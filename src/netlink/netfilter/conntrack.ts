/** The messages of connection tracking, linux/netfilter/nfnetlink_conntrack.h. */

import { attributes, NLA_F_NESTED } from "../codec/attributes.ts";
import { be16, be32, u8, u32 } from "../codec/integer.ts";
import { headed } from "../codec/struct.ts";
import { address, type ValueOf } from "../codec/type.ts";
import { nfgenmsg } from "./header.ts";

/** `enum` CTA_TUPLE_*: one direction of a connection. */
const tuple = attributes({
  CTA_TUPLE_IP: [
    1,
    attributes({
      CTA_IP_V4_SRC: [1, address],
      CTA_IP_V4_DST: [2, address],
      CTA_IP_V6_SRC: [3, address],
      CTA_IP_V6_DST: [4, address],
    }),
  ],
  CTA_TUPLE_PROTO: [
    2,
    attributes({
      CTA_PROTO_NUM: [1, u8],
      CTA_PROTO_SRC_PORT: [2, be16],
      CTA_PROTO_DST_PORT: [3, be16],
    }),
  ],
});

/** Bits of CTA_FILTER_*_FLAGS: which parts of a tuple have to match. */
export const CTA_FILTER_FLAG = {
  IP_SRC: 1,
  IP_DST: 2,
  PROTO_NUM: 8,
  PROTO_SRC_PORT: 16,
  PROTO_DST_PORT: 32,
} as const;

/** `enum` CTA_STATS_GLOBAL_*. */
export const statsMessage = headed(
  nfgenmsg,
  attributes({ CTA_STATS_GLOBAL_ENTRIES: [1, be32] }, "passed over"),
);

/** `enum` CTA_*. */
export const conntrackMessage = headed(
  nfgenmsg,
  attributes(
    {
      CTA_TUPLE_ORIG: [1, tuple],
      CTA_TUPLE_REPLY: [2, tuple],
      CTA_ID: [12, be32],
      CTA_FILTER: [
        25 | NLA_F_NESTED, // read strictly by the kernel, unlike its elders
        attributes({ CTA_FILTER_ORIG_FLAGS: [1, u32], CTA_FILTER_REPLY_FLAGS: [2, u32] }),
      ],
    },
    "passed over",
  ),
);

export type Connection = ValueOf<typeof conntrackMessage>;
