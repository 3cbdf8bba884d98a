/** rtnetlink messages at random: every field and attribute that the tables know, and some that they do not. */

import fc from "fast-check";
import { anyAddress, anyMac } from "../fixtures/values.ts";

const u8 = fc.integer({ min: 0, max: 0xff });
const u16 = fc.integer({ min: 0, max: 0xffff });
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const i32 = fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const bytes = fc.uint8Array({ maxLength: 23 });
/** Numbers that no table has a row for. */
const unknown = fc.array(fc.record({ id: fc.integer({ min: 1000, max: 0x3fff }), payload: bytes }), {
  minLength: 1,
});
const optional = { requiredKeys: [] };

const linkHeader = {
  ifi_family: u8,
  __ifi_pad: u8,
  ifi_type: u16,
  ifi_index: i32,
  ifi_flags: u32,
  ifi_change: u32,
};

const end = fc.record(
  { IFLA_ADDRESS: anyMac, IFLA_IFNAME: text, IFLA_MTU: u32, IFLA_NET_NS_FD: u32, unknown },
  optional,
);

const peer = fc.tuple(fc.record(linkHeader), end).map(([header, values]) => ({ ...header, ...values }));

const bridge = fc.record(
  {
    IFLA_BR_AGEING_TIME: u32,
    IFLA_BR_STP_STATE: u32,
    IFLA_BR_VLAN_FILTERING: u8,
    IFLA_BR_VLAN_DEFAULT_PVID: u16,
    unknown,
  },
  optional,
);

const vlan = fc.record({ IFLA_VLAN_ID: u16, IFLA_VLAN_PROTOCOL: u16, unknown }, optional);
const macvlan = fc.record({ IFLA_MACVLAN_MODE: u32, unknown }, optional);

const vxlan = fc.record(
  {
    IFLA_VXLAN_ID: u32,
    IFLA_VXLAN_LINK: u32,
    IFLA_VXLAN_LOCAL: anyAddress,
    IFLA_VXLAN_LOCAL6: anyAddress,
    IFLA_VXLAN_LEARNING: u8,
    IFLA_VXLAN_PORT: u16,
    IFLA_VXLAN_UDP_CSUM: u8,
    unknown,
  },
  optional,
);

const port = fc.record(
  { IFLA_BRPORT_STATE: u8, IFLA_BRPORT_MODE: u8, IFLA_BRPORT_ISOLATED: u8, unknown },
  optional,
);

const raw = bytes.map((value) => ({ raw: value }));

const linkInfo = fc.oneof(
  fc.record({ IFLA_INFO_KIND: fc.constant("bridge"), IFLA_INFO_DATA: bridge }),
  fc.record({ IFLA_INFO_KIND: fc.constant("vlan"), IFLA_INFO_DATA: vlan }),
  fc.record({ IFLA_INFO_KIND: fc.constant("vxlan"), IFLA_INFO_DATA: vxlan }),
  fc.record({ IFLA_INFO_KIND: fc.constant("macvlan"), IFLA_INFO_DATA: macvlan }),
  fc.record({
    IFLA_INFO_KIND: fc.constant("veth"),
    IFLA_INFO_DATA: fc.record({ VETH_INFO_PEER: peer }, optional),
  }),
  fc.record({ IFLA_INFO_KIND: fc.constantFrom("geneve", "", "dummy"), IFLA_INFO_DATA: raw }),
  fc.record({ IFLA_INFO_SLAVE_KIND: fc.constant("bridge"), IFLA_INFO_SLAVE_DATA: port }),
  fc.record({ IFLA_INFO_SLAVE_KIND: fc.constant("bond"), IFLA_INFO_SLAVE_DATA: raw }),
);

const setting = fc.record({ vf: u32, setting: u32 });
const tag = { vf: u32, vlan: u32, qos: u32 };

const vfInfo = fc.record(
  {
    IFLA_VF_MAC: fc.record({ vf: u32, mac: anyMac }),
    IFLA_VF_VLAN: fc.record(tag),
    IFLA_VF_SPOOFCHK: setting,
    IFLA_VF_LINK_STATE: fc.record({ vf: u32, link_state: u32 }),
    IFLA_VF_RATE: fc.record({ vf: u32, min_tx_rate: u32, max_tx_rate: u32 }),
    IFLA_VF_RSS_QUERY_EN: setting,
    IFLA_VF_TRUST: setting,
    IFLA_VF_VLAN_LIST: fc.array(fc.record({ ...tag, vlan_proto: u16, __pad: u16 })),
    unknown,
  },
  optional,
);

const linkAttributes = fc.record(
  {
    IFLA_ADDRESS: anyMac,
    IFLA_IFNAME: text,
    IFLA_MTU: u32,
    IFLA_NET_NS_FD: u32,
    IFLA_LINK: u32,
    IFLA_MASTER: u32,
    IFLA_TXQLEN: u32,
    IFLA_OPERSTATE: u8,
    IFLA_LINKINFO: linkInfo,
    IFLA_IFALIAS: text,
    IFLA_PARENT_DEV_NAME: text,
    IFLA_NUM_VF: u32,
    IFLA_VFINFO_LIST: fc.array(vfInfo),
    IFLA_AF_SPEC: fc.record({ AF_INET6: fc.record({ IFLA_INET6_ADDR_GEN_MODE: u8 }, optional) }, optional),
    IFLA_EXT_MASK: u32,
    IFLA_PROMISCUITY: u32,
    IFLA_LINK_NETNSID: i32,
    unknown,
  },
  optional,
);

export const anyLink = fc
  .tuple(fc.record(linkHeader), linkAttributes)
  .map(([header, values]) => ({ ...header, ...values }));

export const anyAddressMessage = fc
  .tuple(
    fc.record({ ifa_family: u8, ifa_prefixlen: u8, ifa_flags: u8, ifa_scope: u8, ifa_index: u32 }),
    fc.record(
      {
        IFA_ADDRESS: anyAddress,
        IFA_LOCAL: anyAddress,
        IFA_LABEL: text,
        IFA_BROADCAST: anyAddress,
        IFA_FLAGS: u32,
        unknown,
      },
      optional,
    ),
  )
  .map(([header, values]) => ({ ...header, ...values }));

const routeHeader = fc.record({
  rtm_family: u8,
  rtm_dst_len: u8,
  rtm_src_len: u8,
  rtm_tos: u8,
  rtm_table: u8,
  rtm_protocol: u8,
  rtm_scope: u8,
  rtm_type: u8,
  rtm_flags: u32,
});

export const anyRoute = fc
  .tuple(
    routeHeader,
    fc.record(
      {
        RTA_DST: anyAddress,
        RTA_SRC: anyAddress,
        RTA_IIF: u32,
        RTA_OIF: u32,
        RTA_GATEWAY: anyAddress,
        RTA_VIA: anyAddress,
        RTA_PRIORITY: u32,
        RTA_PREFSRC: anyAddress,
        RTA_METRICS: fc.record({ RTAX_MTU: u32, RTAX_ADVMSS: u32, unknown }, optional),
        RTA_MULTIPATH: bytes,
        RTA_TABLE: u32,
        unknown,
      },
      optional,
    ),
  )
  .map(([header, values]) => ({ ...header, ...values }));

export const anyNeighbour = fc
  .tuple(
    fc.record({
      ndm_family: u8,
      ndm_pad1: u8,
      ndm_pad2: u16,
      ndm_ifindex: i32,
      ndm_state: u16,
      ndm_flags: u8,
      ndm_type: u8,
    }),
    fc.record(
      { NDA_DST: anyAddress, NDA_LLADDR: anyMac, NDA_VLAN: u16, NDA_IFINDEX: u32, NDA_MASTER: u32, unknown },
      optional,
    ),
  )
  .map(([header, values]) => ({ ...header, ...values }));

export const anyBridgeVlan = fc.record({
  family: u8,
  reserved1: u8,
  reserved2: u16,
  ifindex: u32,
  BRIDGE_VLANDB_ENTRY: fc.array(
    fc.record(
      {
        BRIDGE_VLANDB_ENTRY_INFO: fc.record({ flags: u16, vid: u16 }),
        BRIDGE_VLANDB_ENTRY_RANGE: u16,
        unknown,
      },
      optional,
    ),
  ),
});

/** Bytes that often look like attributes: right lengths, small numbers, and then something else. */
export const nearlyAttributes = fc
  .array(
    fc.tuple(
      fc.oneof(fc.integer({ min: 0, max: 40 }), u16),
      fc.oneof(bytes, fc.uint8Array({ maxLength: 120 })),
      fc.boolean(),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.flatMap(([id, payload, isHonest]) => attributeBytes(id, payload, isHonest)))
  .map((parts) => Uint8Array.from(parts));

function attributeBytes(id: number, payload: Uint8Array, isHonest: boolean): number[] {
  const length = 4 + payload.length + (isHonest ? 0 : (payload[0] ?? 1));
  const padding = new Array<number>(-payload.length & 3).fill(0);
  return [length & 0xff, length >> 8, id & 0xff, id >> 8, ...payload, ...padding];
}
