/** Kernel parameters of interfaces by netlink: RTM_GETNETCONF, linux/netconf.h. */

import { attributes } from "../codec/attributes.ts";
import { i32, u8, u16 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";

/** `struct netconfmsg`, and what is left of the header's alignment. */
const netconfmsg = struct({ ncm_family: u8, __pad1: u8, __pad2: u16 });

/** Instead of an ifindex: the parameters of all interfaces. */
export const NETCONFA_IFINDEX_ALL = -1;

/** `enum` NETCONFA_*. */
export const netconfMessage = headed(
  netconfmsg,
  attributes({ NETCONFA_IFINDEX: [1, i32], NETCONFA_FORWARDING: [2, i32] }, "passed over"),
);
