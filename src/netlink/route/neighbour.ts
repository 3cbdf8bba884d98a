/** Neighbours: RTM_{NEW,DEL,GET}NEIGH, linux/neighbour.h. */

import { attributes } from "../codec/attributes.ts";
import { i32, u8, u16, u32 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";
import { address, mac } from "../codec/type.ts";

/** Bits of `ndm_state`. */
export const NUD = {
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
} as const;

/** In `ndm_flags`: the table of the interface itself, not of the bridge that it is a port of. */
export const NTF_SELF = 0x02;

/** `struct ndmsg`. */
const ndmsg = struct({
  ndm_family: u8,
  ndm_pad1: u8,
  ndm_pad2: u16,
  ndm_ifindex: i32,
  ndm_state: u16,
  ndm_flags: u8,
  ndm_type: u8,
});

/** `enum` NDA_*. */
const neighbourAttributes = attributes({
  NDA_DST: [1, address],
  NDA_LLADDR: [2, mac],
  NDA_VLAN: [5, u16],
  NDA_IFINDEX: [8, u32],
  NDA_MASTER: [9, u32],
});

export const neighbourMessage = headed(ndmsg, neighbourAttributes);
