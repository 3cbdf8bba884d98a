/** Single expressions of a rule: what they load of a packet, and whether their condition holds. */

import { u32 } from "../netlink/codec/integer.ts";
import {
  CMP,
  CT_STATE,
  CT_STATUS,
  type Expression,
  LOOKUP_INVERTED,
} from "../netlink/netfilter/expression.ts";
import { type Bound, findKey } from "../netlink/netfilter/set-bound.ts";
import { readXtStates } from "../netlink/netfilter/xt-conntrack.ts";
import { type FilteredPacket, metaOf, payloadOf, stateOf, statusOf } from "./packet.ts";
import type { Registers } from "./registers.ts";

/** What a condition is evaluated with. */
export interface Evaluation {
  readonly packet: FilteredPacket;
  readonly registers: Registers;
  /** The keys of a set; undefined where they are of a sort that is not looked at. */
  bounds(set: string): readonly Bound[] | undefined;
}

type Data = NonNullable<Expression["NFTA_EXPR_DATA"]>;

/** Do nothing to the packet and ask nothing of it. */
const PASSING = ["counter", "log", "notrack", "objref", "last"];

/** False: the rule ends here. Undefined: it may. Expressions that load give true. */
export function holds(expression: Expression, evaluation: Evaluation): boolean | undefined {
  const { NFTA_EXPR_NAME: name = "", NFTA_EXPR_DATA: data = {} } = expression;
  if (PASSING.includes(name)) return true;
  if (name === "cmp") return compares(data, evaluation);
  if (name === "lookup") return isIn(data, evaluation);
  if (name === "match") return isXtMatch(data, evaluation.packet);
  if (name === "target") return true; // those that end a rule are looked at before
  return loads(name, data, evaluation);
}

function loads(name: string, data: Data, { packet, registers }: Evaluation): boolean | undefined {
  if (name === "meta" && data.NFTA_META_DREG !== undefined)
    registers.load(data.NFTA_META_DREG, metaOf(packet, data.NFTA_META_KEY ?? 0));
  else if (name === "payload" && data.NFTA_PAYLOAD_DREG !== undefined)
    registers.load(data.NFTA_PAYLOAD_DREG, loadPayload(data, packet));
  else if (name === "ct" && data.NFTA_CT_DREG !== undefined)
    registers.load(data.NFTA_CT_DREG, loadConnection(data, packet));
  else if (name === "fib" && data.NFTA_FIB_DREG !== undefined) registers.load(data.NFTA_FIB_DREG, undefined);
  else if (name === "bitwise") registers.load(data.NFTA_BITWISE_DREG ?? 1, masked(data, registers));
  else if (name === "immediate")
    registers.load(data.NFTA_IMMEDIATE_DREG ?? 1, data.NFTA_IMMEDIATE_DATA?.NFTA_DATA_VALUE);
  else return undefined;
  return true;
}

function loadPayload(data: Data, packet: FilteredPacket): Uint8Array | undefined {
  const { NFTA_PAYLOAD_BASE: base = 0, NFTA_PAYLOAD_OFFSET: offset = 0, NFTA_PAYLOAD_LEN: length = 0 } = data;
  return payloadOf(packet, base, { offset, length });
}

function loadConnection({ NFTA_CT_KEY: key }: Data, packet: FilteredPacket): Uint8Array | undefined {
  if (key === CT_STATE) return u32.write(stateOf(packet), {});
  return key === CT_STATUS ? statusOf(packet) : undefined;
}

/** `(value & mask) ^ xor`; undefined for shifts. */
function masked(data: Data, registers: Registers): Uint8Array | undefined {
  const mask = data.NFTA_BITWISE_MASK?.NFTA_DATA_VALUE;
  const xor = data.NFTA_BITWISE_XOR?.NFTA_DATA_VALUE;
  const value = registers.read(data.NFTA_BITWISE_SREG ?? 1, data.NFTA_BITWISE_LEN ?? 0);
  if (mask === undefined || xor === undefined || value === undefined) return undefined;
  return value.map((byte, at) => (byte & (mask[at] ?? 0)) ^ (xor[at] ?? 0));
}

function compares(data: Data, { registers }: Evaluation): boolean | undefined {
  const wanted = data.NFTA_CMP_DATA?.NFTA_DATA_VALUE;
  const value = wanted && registers.read(data.NFTA_CMP_SREG ?? 1, wanted.length);
  if (value === undefined || wanted === undefined) return undefined;
  const [a, b] = [value.toHex(), wanted.toHex()];
  const { EQ, NEQ, LT, LTE, GT } = CMP;
  if (data.NFTA_CMP_OP === EQ) return a === b;
  if (data.NFTA_CMP_OP === NEQ) return a !== b;
  if (data.NFTA_CMP_OP === LT) return a < b;
  if (data.NFTA_CMP_OP === LTE) return a <= b;
  return data.NFTA_CMP_OP === GT ? a > b : a >= b;
}

/** What a lookup finds: a key, none, or undefined where that cannot be told. */
export type Found = { readonly bound: Bound | undefined } | undefined;

export function lookUp(data: Data, { registers, bounds }: Evaluation): Found {
  const { NFTA_LOOKUP_SET: set = "", NFTA_LOOKUP_SREG: source = 1 } = data;
  const keys = bounds(set);
  const [first] = keys ?? [];
  if (keys === undefined) return undefined;
  if (first === undefined) return { bound: undefined };
  const key = registers.read(source, first.key.length / 2);
  return key && { bound: findKey(keys, key.toHex()) };
}

/** Sets alone: what a map gives is not looked at. */
function isIn(data: Data, evaluation: Evaluation): boolean | undefined {
  const found = data.NFTA_LOOKUP_DREG === undefined ? lookUp(data, evaluation) : undefined;
  if (found === undefined) return undefined;
  return (found.bound !== undefined) !== (((data.NFTA_LOOKUP_FLAGS ?? 0) & LOOKUP_INVERTED) !== 0);
}

/** A match of iptables: comments always hold, the connection's state is known. */
function isXtMatch(
  { NFTA_MATCH_NAME: name, NFTA_MATCH_INFO: info }: Data,
  packet: FilteredPacket,
): boolean | undefined {
  if (name === "comment") return true;
  const match = name === "conntrack" && info !== undefined ? readXtStates(info) : undefined;
  return match && ((match.states & stateOf(packet)) !== 0) !== match.isInverted;
}
