/** VLANs of a bridge and of its ports: RTM_{NEW,DEL,GET}VLAN of Linux 5.6, linux/if_bridge.h. */

import { attributes } from "../codec/attributes.ts";
import { u8, u16, u32 } from "../codec/integer.ts";
import { repeated } from "../codec/list.ts";
import { headed, struct } from "../codec/struct.ts";

/** Flags of `struct bridge_vlan_info`. */
export const BRIDGE_VLAN_INFO = { PVID: 1 << 1, UNTAGGED: 1 << 2 } as const;

/** `struct br_vlan_msg`. */
const br_vlan_msg = struct({ family: u8, reserved1: u8, reserved2: u16, ifindex: u32 });

/** `struct bridge_vlan_info`. */
export const bridge_vlan_info = struct({ flags: u16, vid: u16 });

/** `enum` BRIDGE_VLANDB_ENTRY_*: a VLAN, or a range of equal ones. */
const entry = attributes({
  BRIDGE_VLANDB_ENTRY_INFO: [1, bridge_vlan_info],
  BRIDGE_VLANDB_ENTRY_RANGE: [2, u16], // the last one
});

export const bridgeVlanMessage = headed(br_vlan_msg, repeated("BRIDGE_VLANDB_ENTRY", 1, entry));
