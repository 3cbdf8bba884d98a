/** Traffic control: RTM_{NEW,DEL,GET}{QDISC,TCLASS,TFILTER}, linux/rtnetlink.h, linux/pkt_sched.h, linux/pkt_cls.h. */

import { attributes } from "../codec/attributes.ts";
import { byKind } from "../codec/by-kind.ts";
import { be16, be32, i16, i32, u8, u16, u32, u64 } from "../codec/integer.ts";
import { listOf } from "../codec/list.ts";
import { headed, struct } from "../codec/struct.ts";
import { concatenate, cString, type PayloadType, type ValueOf } from "../codec/type.ts";

/** Handles, linux/pkt_sched.h. */
export const TC_H = { ROOT: 0xff_ff_ff_ff, INGRESS: 0xff_ff_ff_f1 } as const;
export const TC_LINKLAYER_ETHERNET = 1;
export const TC_U32_TERMINAL = 1;
export const TC_HTB_PROTOVER = 3;
export const TC_ACT_STOLEN = 4;
export const TCA_EGRESS_REDIR = 1;

/** Of `rate.rate`, an u32 in bytes a second; a larger one has an attribute of its own, TCA_*_RATE64. */
export const LARGEST_RATE = 0xffff_ffff;
/** How long a tick of `buffer` is: PSCHED_SHIFT, net/pkt_sched.h. */
export const TICK_NS = 64;

/** `tcm_info` of a filter: its priority above the protocol of its frames in network order. @see TC_H_MAKE */
export function filterInfo(priority: number, protocol: number): number {
  return (priority << 16) | ((protocol & 0xff) << 8) | (protocol >> 8);
}

/** `struct tcmsg`. */
const tcmsg = struct({
  tcm_family: u8,
  tcm__pad1: u8,
  tcm__pad2: u16,
  tcm_ifindex: i32,
  tcm_handle: u32,
  tcm_parent: u32,
  tcm_info: u32,
});

/** `struct tc_tbf_qopt`: rates in bytes a second, lengths in bytes, `buffer` in ticks. */
export const tc_tbf_qopt = struct({
  "rate.cell_log": u8,
  "rate.linklayer": u8,
  "rate.overhead": u16,
  "rate.cell_align": u16,
  "rate.mpu": u16,
  "rate.rate": u32,
  "peakrate.cell_log": u8,
  "peakrate.linklayer": u8,
  "peakrate.overhead": u16,
  "peakrate.cell_align": u16,
  "peakrate.mpu": u16,
  "peakrate.rate": u32,
  limit: u32,
  buffer: u32,
  mtu: u32,
});

/** `enum` TCA_TBF_*. */
const tbf = attributes({
  TCA_TBF_PARMS: [1, tc_tbf_qopt],
  TCA_TBF_RATE64: [4, u64], // bytes a second, where `rate.rate` is too small
  TCA_TBF_BURST: [6, u32], // bytes
});

/** `struct tc_htb_glob`. */
export const tc_htb_glob = struct({
  version: u32,
  rate2quantum: u32,
  defcls: u32,
  debug: u32,
  direct_pkts: u32,
});

/** `struct tc_htb_opt`: rates in bytes a second, `quantum` in bytes, `buffer` and `cbuffer` in ticks. */
export const tc_htb_opt = struct({
  "rate.cell_log": u8,
  "rate.linklayer": u8,
  "rate.overhead": u16,
  "rate.cell_align": u16,
  "rate.mpu": u16,
  "rate.rate": u32,
  "ceil.cell_log": u8,
  "ceil.linklayer": u8,
  "ceil.overhead": u16,
  "ceil.cell_align": u16,
  "ceil.mpu": u16,
  "ceil.rate": u32,
  buffer: u32,
  cbuffer: u32,
  quantum: u32,
  level: u32,
  prio: u32,
});

/** `enum` TCA_HTB_*: of the queue itself and of its classes. */
const htb = attributes({
  TCA_HTB_PARMS: [1, tc_htb_opt],
  TCA_HTB_INIT: [2, tc_htb_glob],
  TCA_HTB_RATE64: [6, u64], // bytes a second, where `rate.rate` is too small
  TCA_HTB_CEIL64: [7, u64],
});

/** `struct tc_u32_sel` before its keys. */
export const tc_u32_sel = struct({
  flags: u8,
  offshift: u8,
  nkeys: u8,
  __pad: u8,
  offmask: be16,
  off: u16,
  offoff: i16,
  hoff: i16,
  hmask: be32,
});

/** `struct tc_u32_key`: the word at `off` from the network header is `val` in the bits of `mask`. */
export const tc_u32_key = struct({ mask: be32, val: be32, off: i32, offmask: i32 });

type Selector = ValueOf<typeof tc_u32_sel> & { readonly keys: readonly ValueOf<typeof tc_u32_key>[] };

/** A selector with as many keys as it has. */
const selector: PayloadType<Selector> = {
  read: (payload) => {
    const keys = [];
    for (let at = tc_u32_sel.size; at < payload.length; at += tc_u32_key.size)
      keys.push(tc_u32_key.read(payload.subarray(at), {}));
    return { ...tc_u32_sel.read(payload, {}), keys };
  },
  write: ({ keys, ...head }) =>
    concatenate([
      tc_u32_sel.write({ ...head, nkeys: keys.length }, {}),
      ...keys.map((key) => tc_u32_key.write(key, {})),
    ]),
};

/** `struct tc_mirred`. */
export const tc_mirred = struct({
  index: u32,
  capab: u32,
  action: i32,
  refcnt: i32,
  bindcnt: i32,
  eaction: i32,
  ifindex: u32,
});

/** `enum` TCA_ACT_*: one action of a list. */
const action = attributes({
  TCA_ACT_KIND: [1, cString],
  TCA_ACT_OPTIONS: [2, byKind("TCA_ACT_KIND", { mirred: attributes({ TCA_MIRRED_PARMS: [2, tc_mirred] }) })],
});

const FIRST_ACTION = 1;

/** `enum` TCA_U32_*. */
const u32Filter = attributes({
  TCA_U32_CLASSID: [1, u32],
  TCA_U32_HASH: [2, u32], // the table, and its bucket, that the filter is in
  TCA_U32_LINK: [3, u32], // the table that goes on
  TCA_U32_DIVISOR: [4, u32], // buckets of a table
  TCA_U32_SEL: [5, selector],
  TCA_U32_ACT: [7, listOf(FIRST_ACTION, action)],
});

/** `enum` TCA_*. */
const trafficControlAttributes = attributes({
  TCA_KIND: [1, cString],
  TCA_OPTIONS: [2, byKind("TCA_KIND", { htb, tbf, u32: u32Filter })],
});

export const trafficControlMessage = headed(tcmsg, trafficControlAttributes);
