/** Addresses: RTM_{NEW,DEL,GET}ADDR, linux/if_addr.h. */

import { attributes } from "../codec/attributes.ts";
import { u8, u32 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";
import { address, cString } from "../codec/type.ts";

/** Address flags, in IFA_FLAGS. */
export const IFA_F = {
  NODAD: 0x02,
  DADFAILED: 0x08,
  TENTATIVE: 0x40,
  PERMANENT: 0x80,
  NOPREFIXROUTE: 0x200,
} as const;

/** `struct ifaddrmsg`. */
const ifaddrmsg = struct({ ifa_family: u8, ifa_prefixlen: u8, ifa_flags: u8, ifa_scope: u8, ifa_index: u32 });

/** `enum` IFA_*. */
const addressAttributes = attributes({
  IFA_ADDRESS: [1, address], // the peer's on a point-to-point link
  IFA_LOCAL: [2, address],
  IFA_LABEL: [3, cString],
  IFA_BROADCAST: [4, address],
  IFA_FLAGS: [8, u32],
});

export const addressMessage = headed(ifaddrmsg, addressAttributes);
