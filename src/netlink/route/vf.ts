/** Virtual functions, as the physical function shows and sets them: IFLA_VFINFO_LIST of linux/if_link.h. */

import { attributes } from "../codec/attributes.ts";
import { field } from "../codec/field.ts";
import { be16, u16, u32 } from "../codec/integer.ts";
import { listOf } from "../codec/list.ts";
import { headed, struct } from "../codec/struct.ts";
import { mac, raw } from "../codec/type.ts";

/** `enum` IFLA_VF_LINK_STATE_*. */
export const VF_LINK_STATE = { AUTO: 0, ENABLE: 1, DISABLE: 2 } as const;

/** In place of a setting: the driver does not say (-1, rtnl_fill_vfinfo of net/core/rtnetlink.c). */
export const VF_UNREPORTED = 0xffff_ffff;

/** `struct ifla_vf_spoofchk`, `ifla_vf_rss_query_en`, `ifla_vf_trust`: on, off, or not reported. */
const vfSetting = struct({ vf: u32, setting: u32 });

const vfVlanInfo = struct({
  vf: u32,
  vlan: u32, // 0 to 4095; 0: none
  qos: u32, // 0 to 7
  vlan_proto: be16, // ETH_P_8021Q or ETH_P_8021AD
  __pad: u16,
});

const IFLA_VF_VLAN_INFO = 1;

/** `enum` IFLA_VF_*; the number of the VF stands in each attribute. */
export const vfInfo = attributes({
  IFLA_VF_MAC: [1, headed(struct({ vf: u32 }), field("mac", mac, { used: 6, size: 32 }))],
  IFLA_VF_VLAN: [2, struct({ vf: u32, vlan: u32, qos: u32 })], // 802.1q only
  IFLA_VF_SPOOFCHK: [4, vfSetting],
  IFLA_VF_LINK_STATE: [5, struct({ vf: u32, link_state: u32 })],
  IFLA_VF_RATE: [6, struct({ vf: u32, min_tx_rate: u32, max_tx_rate: u32 })], // Mbit/s; 0: none
  IFLA_VF_RSS_QUERY_EN: [7, vfSetting],
  IFLA_VF_TRUST: [9, vfSetting],
  IFLA_VF_VLAN_LIST: [12, listOf(IFLA_VF_VLAN_INFO, vfVlanInfo)], // the kernel takes one item
});

const IFLA_VF_INFO = 1;

/** For writing and printing: each VF decoded. */
export const vfInfoList = listOf(IFLA_VF_INFO, vfInfo);

/** For reading: the VFs in the order of their numbers as bytes, of which a reader decodes those that it wants. */
export const vfInfoBytes = listOf(IFLA_VF_INFO, raw);
