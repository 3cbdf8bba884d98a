/** Expressions by the words of nft(8), for rules that stand beside the line that they equal. */

import { addressToBytes, type Family } from "../addr/address.ts";
import { maskOf, type Prefix } from "../addr/prefix.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { i32 } from "../netlink/codec/type.ts";
import {
  CMP,
  CT_STATUS,
  type expression,
  FIB,
  IPS_DST_NAT,
  LOOKUP_INVERTED,
  META,
  NAT_DNAT,
  PAYLOAD_BASE,
  RTN_LOCAL,
  VERDICT,
} from "../netlink/netfilter/expression.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";

export type Expression = ValueOf<typeof expression>;

/** Something of a packet that can be loaded into registers. */
interface Field {
  /** Bytes. */
  readonly size: number;
  load(register: number): Expression;
}

/** The register at a byte offset from the first, by the number that the kernel itself prints: 16 or 4 bytes wide. */
function registerAt(offset: number): number {
  return offset % 16 === 0 ? 1 + offset / 16 : 8 + offset / 4;
}

const FIRST = registerAt(0);

function meta(key: number, size: number): Field {
  return {
    size,
    load: (register) => ({
      NFTA_EXPR_NAME: "meta",
      NFTA_EXPR_DATA: { NFTA_META_DREG: register, NFTA_META_KEY: key },
    }),
  };
}

function payload(base: number, offset: number, size: number): Field {
  return {
    size,
    load: (register) => ({
      NFTA_EXPR_NAME: "payload",
      NFTA_EXPR_DATA: {
        NFTA_PAYLOAD_DREG: register,
        NFTA_PAYLOAD_BASE: base,
        NFTA_PAYLOAD_OFFSET: offset,
        NFTA_PAYLOAD_LEN: size,
      },
    }),
  };
}

export const iifname = meta(META.IIFNAME, 16);
export const oifname = meta(META.OIFNAME, 16);
export const l4proto = meta(META.L4PROTO, 1);
const nfproto = meta(META.NFPROTO, 1);
export const dport = payload(PAYLOAD_BASE.TRANSPORT, 2, 2);
export const etherSaddr = payload(PAYLOAD_BASE.LINK, 6, 6);

/** `ip saddr`, `ip6 saddr`: struct iphdr, struct ipv6hdr. */
export function saddr(family: Family): Field {
  return family === 4 ? payload(PAYLOAD_BASE.NETWORK, 12, 4) : payload(PAYLOAD_BASE.NETWORK, 8, 16);
}

/** `ip daddr`, `ip6 daddr`. */
export function daddr(family: Family): Field {
  return family === 4 ? payload(PAYLOAD_BASE.NETWORK, 16, 4) : payload(PAYLOAD_BASE.NETWORK, 24, 16);
}

/** Loads fields side by side: `ip saddr . ip daddr`. */
export function concatenation(...fields: Field[]): Expression[] {
  let offset = 0;
  return fields.map((field) => {
    const loaded = field.load(registerAt(offset));
    offset += (field.size + 3) & ~3;
    return loaded;
  });
}

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
  const data = { NFTA_CT_DREG: FIRST, NFTA_CT_KEY: CT_STATUS };
  return [
    { NFTA_EXPR_NAME: "ct", NFTA_EXPR_DATA: data },
    masked(hostOrder(IPS_DST_NAT)),
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
