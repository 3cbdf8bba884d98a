/** Rules of policy routing: RTM_{NEW,DEL,GET}RULE, linux/fib_rules.h. */

import { attributes } from "../codec/attributes.ts";
import { u8, u32 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";
import { address } from "../codec/type.ts";

/** What a rule does: looks into a table. */
export const FR_ACT_TO_TBL = 1;

/** `struct fib_rule_hdr`. */
const fibRuleHeader = struct({
  family: u8,
  dst_len: u8,
  src_len: u8,
  tos: u8,
  table: u8,
  res1: u8,
  res2: u8,
  action: u8,
  flags: u32,
});

/** `enum` FRA_*. */
export const ruleMessage = headed(
  fibRuleHeader,
  attributes({ FRA_SRC: [2, address], FRA_PRIORITY: [6, u32], FRA_TABLE: [15, u32] }, "passed over"),
);
