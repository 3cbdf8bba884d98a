/** Filters that find the class of a frame by its source MAC address, at one cost whatever their number. */

import { macFromBytes, macToBytes } from "../addr/mac.ts";
import { be16, be32 } from "../netlink/codec/integer.ts";
import { NLM_F } from "../netlink/codec/message.ts";
import { concatenate, type ValueOf } from "../netlink/codec/type.ts";
import { ETH_P_ALL } from "../netlink/route/if-ether.ts";
import type { RouteRequest } from "../netlink/route/protocol.ts";
import { filterInfo, TC_U32_TERMINAL, type trafficControlMessage } from "../netlink/route/traffic-control.ts";

type Filter = ValueOf<typeof trafficControlMessage>;

/** A qdisc with classes at the root of an interface. */
export interface Qdisc {
  readonly ifindex: number;
  /** Its handle. */
  readonly handle: number;
}

/** Where a filter is in the hash table; its class has the same numbers. */
export interface Slot {
  /** The last byte of the MAC address: the bucket of the hash table. */
  readonly bucket: number;
  /** 16 to 255. */
  readonly node: number;
}

const PRIORITY = 1;
/** Handles of u32: table << 20 | bucket << 12 | node, TC_U32_HTID and so on in linux/pkt_cls.h. */
const ROOT_NODE = 0x8000_0001; // 800::1, in the table that the kernel makes
const TABLE = 0x0010_0000; // 1:
const BUCKETS = 256;
/** An Ethernet header ends where the network header begins: the source address is six of its last eight bytes. */
const SOURCE = { first: -8, last: -4 } as const;
const WORD = 0xffff_ffff;
const FIRST_HALF = 0xffff_0000;
const LAST_BYTE = 0x00ff_0000; // of the address, in the word at SOURCE.last

/** How many slots an address may be in: as many addresses of one bucket may collide. */
const SLOTS = 8;
const FIRST_NODE = 16;
const NODES = 256 - FIRST_NODE;

/** The slots that a MAC address may be in. */
export function slotsOf(mac: string): Slot[] {
  const bytes = macToBytes(mac);
  const bucket = bytes[5] ?? 0;
  const start = be16.readAt(bytes, 3);
  const slots: Slot[] = [];
  for (let i = 0; i < SLOTS; i++) slots.push({ bucket, node: FIRST_NODE + ((start + i) % NODES) });
  return slots;
}

/** The class of the frames that the filter at a slot finds, of the qdisc with this handle. */
export function classAt({ handle }: Qdisc, { bucket, node }: Slot): number {
  return handle + bucket * 0x100 + node;
}

/** The slot whose class this is. */
export function slotOf(classid: number): Slot {
  return { bucket: (classid >>> 8) & 0xff, node: classid & 0xff };
}

/**
 * The table of filters, and the rule that leads each frame to its bucket; like
 *
 *     tc filter add dev IFINDEX parent QDISC: protocol all prio 1 handle 1: u32 divisor 256
 *     tc filter add dev IFINDEX parent QDISC: protocol all prio 1 handle 800::1 u32 ht 800:: match u32 0 0
 *       link 1: hashkey mask 0x00ff0000 at -4
 */
export function createTableRequests(qdisc: Qdisc): RouteRequest[] {
  const toBucket = { hoff: SOURCE.last, hmask: LAST_BYTE, keys: [{}] };
  return [
    create({ ...filterWith(qdisc, TABLE), TCA_OPTIONS: { TCA_U32_DIVISOR: BUCKETS } }),
    create({
      ...filterWith(qdisc, ROOT_NODE),
      TCA_OPTIONS: { TCA_U32_LINK: TABLE, TCA_U32_SEL: toBucket },
    }),
  ];
}

/**
 * Leads the frames of a source address to the slot's class; like
 *
 *     tc filter add dev IFINDEX parent QDISC: protocol all prio 1 handle 1:BUCKET:NODE u32 ht 1:BUCKET:
 *       match u32 MAC[0-3] 0xffffffff at -8 match u32 MAC[4-5] 0xffff0000 at -4 flowid CLASS
 */
export function addFilterRequest(qdisc: Qdisc, slot: Slot, mac: string): RouteRequest {
  return create({
    ...filterWith(qdisc, handleOf(slot)),
    TCA_OPTIONS: {
      TCA_U32_CLASSID: classAt(qdisc, slot),
      TCA_U32_HASH: TABLE + slot.bucket * 0x1000,
      TCA_U32_SEL: { flags: TC_U32_TERMINAL, keys: keysOf(mac) },
    },
  });
}

/** Like `tc filter get dev IFINDEX parent QDISC: protocol all prio 1 handle 1:BUCKET:NODE u32`. */
export function getFilterRequest(qdisc: Qdisc, slot: Slot): RouteRequest {
  return { message: "RTM_GETTFILTER", body: filterWith(qdisc, handleOf(slot)) };
}

/** Like `tc filter delete`, with the same words. */
export function deleteFilterRequest(qdisc: Qdisc, slot: Slot): RouteRequest {
  return { message: "RTM_DELTFILTER", body: filterWith(qdisc, handleOf(slot)) };
}

export interface MacFilter {
  readonly mac: string;
  readonly slot: Slot;
}

/** The source address that a filter finds, and where it is; undefined for filters of another shape. */
export function toMacFilter(filter: Filter): MacFilter | undefined {
  const [first, last] = filter.TCA_OPTIONS?.TCA_U32_SEL?.keys ?? [];
  if (first?.off !== SOURCE.first || last?.off !== SOURCE.last) return undefined;
  const bytes = concatenate([be32.write(first.val ?? 0, {}), be32.write(last.val ?? 0, {})]);
  const handle = filter.tcm_handle ?? 0;
  return {
    mac: macFromBytes(bytes.subarray(0, 6)),
    slot: { bucket: (handle >>> 12) & 0xff, node: handle & 0xfff },
  };
}

function keysOf(mac: string) {
  const bytes = macToBytes(mac);
  return [
    { mask: WORD, val: be32.readAt(bytes, 0), off: SOURCE.first },
    { mask: FIRST_HALF, val: be16.readAt(bytes, 4) * 0x1_0000, off: SOURCE.last },
  ];
}

function handleOf({ bucket, node }: Slot): number {
  return TABLE + bucket * 0x1000 + node;
}

function filterWith({ ifindex, handle }: Qdisc, tcm_handle: number): Filter {
  return {
    tcm_ifindex: ifindex,
    tcm_handle,
    tcm_parent: handle,
    tcm_info: filterInfo(PRIORITY, ETH_P_ALL),
    TCA_KIND: "u32",
  };
}

function create(body: Filter): RouteRequest {
  return { message: "RTM_NEWTFILTER", flags: NLM_F.CREATE | NLM_F.EXCL, body };
}
