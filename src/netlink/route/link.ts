/** Links: RTM_{NEW,DEL,GET,SET}LINK, linux/if_link.h and linux/rtnetlink.h. */

import { attributes } from "../codec/attributes.ts";
import { byKind } from "../codec/by-kind.ts";
import { be16, i32, u8, u16, u32 } from "../codec/integer.ts";
import { headed, struct } from "../codec/struct.ts";
import { address, cString, mac, type PayloadType, type ValueOf } from "../codec/type.ts";
import { vfInfoBytes, vfInfoList } from "./vf.ts";

/** Device flags, linux/if.h. */
export const IFF = { UP: 0x1, LOOPBACK: 0x8, PROMISC: 0x100, ALLMULTI: 0x200 } as const;

/** RFC 2863 operational states, linux/if.h. */
export const IF_OPER = {
  UNKNOWN: 0,
  NOTPRESENT: 1,
  DOWN: 2,
  LOWERLAYERDOWN: 3,
  TESTING: 4,
  DORMANT: 5,
  UP: 6,
} as const;

/** `enum macvlan_mode`: interfaces of one parent reach each other directly. */
export const MACVLAN_MODE_BRIDGE = 4;

/** How an interface makes its link-local addresses, `enum in6_addr_gen_mode`: not at all. */
export const IN6_ADDR_GEN_MODE_NONE = 1;

/** What a link is asked to show beside itself, or not to: RTEXT_FILTER_*, linux/rtnetlink.h. */
export const RTEXT_FILTER = { VF: 1, SKIP_STATS: 8 } as const;

/** `struct ifinfomsg`, linux/rtnetlink.h. */
const ifinfomsg = struct({
  ifi_family: u8,
  __ifi_pad: u8,
  ifi_type: u16,
  ifi_index: i32,
  ifi_flags: u32,
  ifi_change: u32,
});

/** What both ends of a veth pair can be given at their creation. */
const endAttributes = {
  IFLA_ADDRESS: [1, mac],
  IFLA_IFNAME: [3, cString], // at most IFNAMSIZ - 1 = 15 bytes
  IFLA_MTU: [4, u32], // bytes
  IFLA_NET_NS_FD: [28, u32],
} as const;

/** `enum` VETH_INFO_*, linux/veth.h. */
const vethAttributes = attributes({ VETH_INFO_PEER: [1, headed(ifinfomsg, attributes(endAttributes))] });

/** `enum` IFLA_BR_*: the bridge itself. */
const bridgeVlanRows = {
  IFLA_BR_VLAN_FILTERING: [7, u8],
  IFLA_BR_VLAN_DEFAULT_PVID: [39, u16], // 0: none; absent in kernels without VLAN filtering
} as const;
const bridgeAttributes = attributes({
  IFLA_BR_AGEING_TIME: [4, u32], // hundredths of a second
  IFLA_BR_STP_STATE: [5, u32],
  IFLA_BR_MCAST_SNOOPING: [23, u8],
  ...bridgeVlanRows,
});

/** `enum` IFLA_VLAN_*. */
const vlanRows = {
  IFLA_VLAN_ID: [1, u16],
  IFLA_VLAN_PROTOCOL: [5, be16],
} as const;

/** `enum` IFLA_MACVLAN_*. */
const macvlanAttributes = attributes({
  IFLA_MACVLAN_MODE: [1, u32],
});

/** `enum` IFLA_VXLAN_*. */
const vxlanAttributes = attributes({
  IFLA_VXLAN_ID: [1, u32], // VNI
  IFLA_VXLAN_LINK: [3, u32], // ifindex of the interface below
  IFLA_VXLAN_LOCAL: [4, address],
  IFLA_VXLAN_LEARNING: [7, u8],
  IFLA_VXLAN_PORT: [15, be16],
  IFLA_VXLAN_LOCAL6: [17, address],
  IFLA_VXLAN_UDP_CSUM: [18, u8],
  IFLA_VXLAN_UDP_ZERO_CSUM6_TX: [19, u8],
  IFLA_VXLAN_UDP_ZERO_CSUM6_RX: [20, u8],
});

/** `enum` IFLA_BRPORT_*: a port of a bridge. */
const bridgePortRows = {
  IFLA_BRPORT_STATE: [1, u8], // BR_STATE_*, linux/if_bridge.h
  IFLA_BRPORT_MODE: [4, u8], // hairpin
  IFLA_BRPORT_ISOLATED: [33, u8],
} as const;

/** `enum` IFLA_INFO_*: kind of a link, and of the link that it is a port of. */
const kindRows = { IFLA_INFO_KIND: [1, cString], IFLA_INFO_SLAVE_KIND: [4, cString] } as const;
const linkInfo = attributes({
  ...kindRows,
  IFLA_INFO_DATA: [
    2,
    byKind("IFLA_INFO_KIND", {
      bridge: bridgeAttributes,
      macvlan: macvlanAttributes,
      veth: vethAttributes,
      vlan: attributes(vlanRows),
      vxlan: vxlanAttributes,
    }),
  ],
  IFLA_INFO_SLAVE_DATA: [5, byKind("IFLA_INFO_SLAVE_KIND", { bridge: attributes(bridgePortRows) })],
});

const [FORWARDING, ROUTE_LOCALNET] = [1, 26];
const settableConf = attributes({
  IPV4_DEVCONF_FORWARDING: [FORWARDING, u32],
  IPV4_DEVCONF_ACCEPT_REDIRECTS: [4, u32],
  IPV4_DEVCONF_RP_FILTER: [8, u32],
  IPV4_DEVCONF_ARP_ANNOUNCE: [18, u32],
  IPV4_DEVCONF_ARP_IGNORE: [19, u32],
  IPV4_DEVCONF_ARP_NOTIFY: [22, u32],
  IPV4_DEVCONF_ROUTE_LOCALNET: [ROUTE_LOCALNET, u32],
});

type SettableConf = ValueOf<typeof settableConf>;

/** Parameters of an interface, IPV4_DEVCONF_* of linux/ip.h: set one by one, shown as an array of them all. */
const inetConf: PayloadType<SettableConf & { readonly array?: Uint8Array }> = {
  read: (payload) => ({ ...readInetConf(payload), array: payload.slice() }),
  write: (value) => value.array ?? settableConf.write(value, {}),
};

/** Those that we look at; the first of the array is number 1. */
function readInetConf(payload: Uint8Array): SettableConf {
  const at = (number: number) => u32.readAt(payload, (number - 1) * u32.size);
  if (payload.length < ROUTE_LOCALNET * u32.size) return {};
  return { IPV4_DEVCONF_FORWARDING: at(FORWARDING), IPV4_DEVCONF_ROUTE_LOCALNET: at(ROUTE_LOCALNET) };
}

interface Inet6Conf {
  readonly DEVCONF_FORWARDING?: number;
  readonly DEVCONF_ACCEPT_RA?: number;
  readonly array?: Uint8Array;
}

/** The same of IPv6, DEVCONF_* of linux/ipv6.h, which the kernel only shows; the first of the array is number 0. */
const inet6Conf: PayloadType<Inet6Conf> = {
  read: (payload) => ({ ...readInet6Conf(payload), array: payload.slice() }),
  write: ({ array = new Uint8Array(0) }) => array,
};

function readInet6Conf(payload: Uint8Array): Inet6Conf {
  const at = (number: number) => i32.readAt(payload, number * i32.size);
  return { DEVCONF_FORWARDING: at(0), DEVCONF_ACCEPT_RA: at(3) };
}

/** IFLA_AF_SPEC of a link: one attribute an address family, AF_* in linux/socket.h. */
const familySpecific = attributes({
  AF_INET: [2, attributes({ IFLA_INET_CONF: [1, inetConf] })],
  AF_INET6: [10, attributes({ IFLA_INET6_CONF: [2, inet6Conf], IFLA_INET6_ADDR_GEN_MODE: [8, u8] })],
});

const factRows = {
  ...endAttributes,
  IFLA_LINK: [5, u32], // ifindex of the peer of a veth, of the parent of a vlan or macvlan
  IFLA_MASTER: [10, u32],
  IFLA_TXQLEN: [13, u32], // packets
  IFLA_OPERSTATE: [16, u8],
  IFLA_GROUP: [27, u32],
  IFLA_LINK_NETNSID: [37, i32], // number of the peer's or parent's namespace
  IFLA_IFALIAS: [20, cString], // at most IFALIASZ - 1 = 255 bytes
  IFLA_PARENT_DEV_NAME: [56, cString], // PCI address; also where the device's directory of sysfs is not to be seen
} as const;

/** `enum` IFLA_*. */
const linkAttributes = attributes({
  ...factRows,
  IFLA_LINKINFO: [18, linkInfo],
  IFLA_NUM_VF: [21, u32],
  IFLA_VFINFO_LIST: [22, vfInfoList],
  IFLA_AF_SPEC: [26, familySpecific],
  IFLA_EXT_MASK: [29, u32],
  IFLA_PROMISCUITY: [30, u32],
  IFLA_TARGET_NETNSID: [46, i32], // ask in that namespace
});

export const linkMessage = headed(ifinfomsg, linkAttributes);

const familyFacts = attributes(
  {
    AF_INET: [2, attributes({ IFLA_INET_CONF: [1, { ...inetConf, read: readInetConf }] }, "passed over")],
    AF_INET6: [
      10,
      attributes({ IFLA_INET6_CONF: [2, { ...inet6Conf, read: readInet6Conf }] }, "passed over"),
    ],
  },
  "passed over",
);

const infoFacts = attributes(
  {
    ...kindRows,
    IFLA_INFO_DATA: [
      2,
      byKind("IFLA_INFO_KIND", {
        bridge: attributes(bridgeVlanRows, "passed over"),
        vlan: attributes(vlanRows, "passed over"),
      }),
    ],
    IFLA_INFO_SLAVE_DATA: [
      5,
      byKind("IFLA_INFO_SLAVE_KIND", { bridge: attributes(bridgePortRows, "passed over") }),
    ],
  },
  "passed over",
);

/** What we look at in a link that the kernel shows, of some sixty attributes. */
export const linkFacts = headed(
  ifinfomsg,
  attributes({ ...factRows, IFLA_LINKINFO: [18, infoFacts], IFLA_AF_SPEC: [26, familyFacts] }, "passed over"),
);

/** What a physical function shows of its virtual ones where IFLA_EXT_MASK asks for it. */
export const linkVfs = headed(
  ifinfomsg,
  attributes({ IFLA_NUM_VF: [21, u32], IFLA_VFINFO_LIST: [22, vfInfoBytes] }, "passed over"),
);
