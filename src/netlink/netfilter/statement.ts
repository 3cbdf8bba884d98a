/** Expressions by the words of nft(8), for rules that stand beside the line that they equal. */

import { addressToBytes, type Family } from "../../addr/address.ts";
import { maskOf, type Prefix } from "../../addr/prefix.ts";
import { be16, i32 } from "../codec/integer.ts";
import {
  CMP,
  CT_STATE,
  CT_STATE_BIT,
  CT_STATUS,
  type Expression,
  FIB,
  IPS,
  LOOKUP_INVERTED,
  NAT_DNAT,
  NAT_PROTO_SPECIFIED,
  NAT_RANDOM_FULLY,
  RTN_LOCAL,
  VERDICT,
} from "./expression.ts";
import { NFPROTO } from "./header.ts";
import { concatenation, daddr, type Field, nfproto } from "./packet-field.ts";
import { FIRST, registerAt, WIDE } from "./register.ts";

/** `FIELD . FIELD @SET`, or `!= @SET`. `id`: of a set that is made in the same transaction. */
export function inSet(
  set: string,
  fields: readonly Field[],
  { isInverted = false, id }: { readonly isInverted?: boolean; readonly id?: number } = {},
): Expression[] {
  const data = {
    NFTA_LOOKUP_SET: set,
    NFTA_LOOKUP_SREG: FIRST,
    ...(id === undefined ? {} : { NFTA_LOOKUP_SET_ID: id }),
    ...(isInverted ? { NFTA_LOOKUP_FLAGS: LOOKUP_INVERTED } : {}),
  };
  return [...concatenation(...fields), { NFTA_EXPR_NAME: "lookup", NFTA_EXPR_DATA: data }];
}

/** `FIELD . FIELD map @MAP`; the value lies in the first registers. `vmap`: it is the verdict. */
export function mapped(kind: "map" | "vmap", map: string, fields: readonly Field[]): Expression[] {
  const data = {
    NFTA_LOOKUP_SET: map,
    NFTA_LOOKUP_SREG: FIRST,
    NFTA_LOOKUP_DREG: kind === "map" ? FIRST : 0,
  };
  return [...concatenation(...fields), { NFTA_EXPR_NAME: "lookup", NFTA_EXPR_DATA: data }];
}

function compare(operator: number, value: Uint8Array): Expression {
  return {
    NFTA_EXPR_NAME: "cmp",
    NFTA_EXPR_DATA: {
      NFTA_CMP_SREG: FIRST,
      NFTA_CMP_OP: operator,
      NFTA_CMP_DATA: { NFTA_DATA_VALUE: value },
    },
  };
}

function masked(mask: Uint8Array): Expression {
  return {
    NFTA_EXPR_NAME: "bitwise",
    NFTA_EXPR_DATA: {
      NFTA_BITWISE_SREG: FIRST,
      NFTA_BITWISE_DREG: FIRST,
      NFTA_BITWISE_LEN: mask.length,
      NFTA_BITWISE_MASK: { NFTA_DATA_VALUE: mask },
      NFTA_BITWISE_XOR: { NFTA_DATA_VALUE: new Uint8Array(mask.length) },
    },
  };
}

/** `FIELD VALUE`. */
export function is(field: Field, value: Uint8Array): Expression[] {
  return [field.load(FIRST), compare(CMP.EQ, value)];
}

/** `FIELD NUMBER`, of a field that the kernel holds in its own order. */
export function isNumber(field: Field, value: number): Expression[] {
  return is(field, hostOrder(value));
}

/** `FIELD != VALUE`. */
export function isNot(field: Field, value: Uint8Array): Expression[] {
  return [field.load(FIRST), compare(CMP.NEQ, value)];
}

/** What nft(8) puts in front of a look at a header of one family in a table of both: `meta nfproto ipv4`. */
export function isFamily(family: Family): Expression[] {
  return is(nfproto, Uint8Array.of(family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6));
}

/** `ip daddr PREFIX`. */
export function daddrIn(prefix: Prefix): Expression[] {
  const { family } = prefix.address;
  const mask = addressToBytes({ family, value: maskOf(prefix) });
  const value = addressToBytes({ family, value: prefix.address.value & maskOf(prefix) });
  return [...isFamily(family), daddr(family).load(FIRST), masked(mask), compare(CMP.EQ, value)];
}

function hostOrder(value: number): Uint8Array {
  return i32.write(value, {});
}

/** `ct status dnat`. */
export function isTranslated(): Expression[] {
  return hasBit(CT_STATUS, IPS.DST_NAT);
}

/** `ct state invalid`. */
export function isInvalid(): Expression[] {
  return hasBit(CT_STATE, CT_STATE_BIT.INVALID);
}

/** `ct KEY` has this bit. */
function hasBit(key: number, bit: number): Expression[] {
  return [
    { NFTA_EXPR_NAME: "ct", NFTA_EXPR_DATA: { NFTA_CT_DREG: FIRST, NFTA_CT_KEY: key } },
    masked(hostOrder(bit)),
    compare(CMP.NEQ, hostOrder(0)),
  ];
}

/** `fib daddr type local`. */
export function isToThisNode(): Expression[] {
  const data = { NFTA_FIB_DREG: FIRST, NFTA_FIB_RESULT: FIB.RESULT_ADDRTYPE, NFTA_FIB_FLAGS: FIB.FLAG_DADDR };
  return [{ NFTA_EXPR_NAME: "fib", NFTA_EXPR_DATA: data }, compare(CMP.EQ, hostOrder(RTN_LOCAL))];
}

/** `dnat ip to`: address and, padded to four bytes, port in the first registers. */
export function dnat(family: Family): Expression {
  return {
    NFTA_EXPR_NAME: "nat",
    NFTA_EXPR_DATA: {
      NFTA_NAT_TYPE: NAT_DNAT,
      NFTA_NAT_FAMILY: family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6,
      NFTA_NAT_REG_ADDR_MIN: FIRST,
      NFTA_NAT_REG_PROTO_MIN: registerAt(family === 4 ? 4 : 16),
    },
  };
}

/** `counter`: programs that list other programs' rules expect one. */
export const counter: Expression = { NFTA_EXPR_NAME: "counter", NFTA_EXPR_DATA: {} };

export const masquerade: Expression = { NFTA_EXPR_NAME: "masq", NFTA_EXPR_DATA: {} };

/** Source ports that masquerade chooses from, first and last. */
export interface PortRange {
  readonly first: number;
  readonly last: number;
}

/** `masquerade to :FIRST-LAST fully-random`; nft(8) wants a match of the transport protocol before a range. */
export function masqueradeTo(range: PortRange | undefined, isRandom: boolean): Expression[] {
  const random = isRandom ? NAT_RANDOM_FULLY : 0;
  if (range === undefined) {
    const data = isRandom ? { NFTA_MASQ_FLAGS: random } : {};
    return [{ NFTA_EXPR_NAME: "masq", NFTA_EXPR_DATA: data }];
  }
  const [min, max] = [FIRST, registerAt(WIDE)];
  const data = {
    NFTA_MASQ_FLAGS: random | NAT_PROTO_SPECIFIED,
    NFTA_MASQ_REG_PROTO_MIN: min,
    NFTA_MASQ_REG_PROTO_MAX: max,
  };
  return [
    loadedPort(min, range.first),
    loadedPort(max, range.last),
    { NFTA_EXPR_NAME: "masq", NFTA_EXPR_DATA: data },
  ];
}

function loadedPort(register: number, port: number): Expression {
  const data = {
    NFTA_IMMEDIATE_DREG: register,
    NFTA_IMMEDIATE_DATA: { NFTA_DATA_VALUE: be16.write(port, {}) },
  };
  return { NFTA_EXPR_NAME: "immediate", NFTA_EXPR_DATA: data };
}

function immediate(verdict: { NFTA_VERDICT_CODE: number; NFTA_VERDICT_CHAIN?: string }): Expression {
  const data = { NFTA_IMMEDIATE_DREG: 0, NFTA_IMMEDIATE_DATA: { NFTA_DATA_VERDICT: verdict } };
  return { NFTA_EXPR_NAME: "immediate", NFTA_EXPR_DATA: data };
}

export const drop = immediate({ NFTA_VERDICT_CODE: VERDICT.DROP });
export const accept = immediate({ NFTA_VERDICT_CODE: VERDICT.ACCEPT });
export const returns = immediate({ NFTA_VERDICT_CODE: VERDICT.RETURN });

export function goto(chain: string): Expression {
  return immediate({ NFTA_VERDICT_CODE: VERDICT.GOTO, NFTA_VERDICT_CHAIN: chain });
}
