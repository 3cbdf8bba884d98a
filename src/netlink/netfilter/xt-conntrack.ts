/** The match `conntrack` of iptables, linux/netfilter/xt_conntrack.h. */

import { u16 } from "../codec/integer.ts";

/** Offsets in `struct xt_conntrack_mtinfo3`, in bytes. */
const OFFSET = { matchFlags: 146, invertFlags: 148, stateMask: 150 } as const;
const SIZE = 164;
/** XT_CONNTRACK_STATE and XT_CONNTRACK_STATE_ALIAS. */
const STATE = 0x1;
const STATE_ALIAS = 0x2000;

/** The connection states that it asks for, by the numbers of `ct state`; undefined where it looks at something else too. */
export function readXtStates(info: Uint8Array): { states: number; isInverted: boolean } | undefined {
  if (info.length < SIZE || (u16.readAt(info, OFFSET.matchFlags) & ~(STATE | STATE_ALIAS)) !== 0)
    return undefined;
  return {
    states: u16.readAt(info, OFFSET.stateMask),
    isInverted: (u16.readAt(info, OFFSET.invertFlags) & STATE) !== 0,
  };
}
