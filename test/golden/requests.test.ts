/** Requests that `ip` wrote: we read the values that its command line names, and would write the same. */

import { expect, test } from "vitest";
import { decodeMessages, encodeMessage, NLM_F } from "../../src/netlink/codec/message.ts";
import { type PayloadType, readPayload } from "../../src/netlink/codec/type.ts";
import { IFA_F } from "../../src/netlink/route/address.ts";
import { ETH_P_8021AD, ETH_P_8021Q } from "../../src/netlink/route/if-ether.ts";
import { MACVLAN_MODE_BRIDGE } from "../../src/netlink/route/link.ts";
import { AF, rtnetlink } from "../../src/netlink/route/protocol.ts";
import { RTM_F_LOOKUP_TABLE } from "../../src/netlink/route/route.ts";
import { TC_H, TC_U32_TERMINAL } from "../../src/netlink/route/traffic-control.ts";
import { VF_LINK_STATE } from "../../src/netlink/route/vf.ts";
import { address } from "../support/fixtures/values.ts";
import { readGolden } from "../support/netlink/golden.ts";

const messages = rtnetlink.messages;
const LINK = { ifi_family: 0, __ifi_pad: 0, ifi_type: 0, ifi_index: 0, ifi_flags: 0, ifi_change: 0 };
const ROUTE = { rtm_src_len: 0, rtm_tos: 0, rtm_protocol: 3, rtm_scope: 0, rtm_type: 1, rtm_flags: 0 };
const HANDLE = 0x7077_0000;
const QUEUE = {
  tcm_family: 0,
  tcm__pad1: 0,
  tcm__pad2: 0,
  tcm_ifindex: 3,
  tcm_handle: 0,
  tcm_parent: 0,
  tcm_info: 0,
};
const FILTER = { ...QUEUE, tcm_parent: HANDLE, tcm_info: 0x0001_0300 };
const SELECTOR = {
  flags: 0,
  offshift: 0,
  nkeys: 0,
  __pad: 0,
  offmask: 0,
  off: 0,
  offoff: 0,
  hoff: 0,
  hmask: 0,
};
const MAIN = 254;
const EXCLUSIVE = NLM_F.REQUEST | NLM_F.ACK | NLM_F.CREATE | NLM_F.EXCL;

interface Golden {
  readonly name: string;
  readonly message: keyof typeof messages;
  readonly flags: number;
  /** Attributes in the order of the bytes. */
  readonly value: object;
}

/** `ip` writes IFLA_INFO_KIND and IFLA_IFALIAS without the closing NUL that we write: these are only read. */
const LINKS: Golden[] = [
  {
    name: "newlink-bridge",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_MTU: 1450,
      IFLA_ADDRESS: "02:00:00:00:00:01",
      IFLA_IFNAME: "br0",
      IFLA_LINKINFO: { IFLA_INFO_KIND: "bridge", IFLA_INFO_DATA: { IFLA_BR_AGEING_TIME: 3000 } },
    },
  },
  {
    name: "newlink-bridge-snooping",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_IFNAME: "br0",
      IFLA_LINKINFO: { IFLA_INFO_KIND: "bridge", IFLA_INFO_DATA: { IFLA_BR_MCAST_SNOOPING: 0 } },
    },
  },
  {
    name: "newlink-bridge-vlan",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_IFNAME: "br1",
      IFLA_LINKINFO: {
        IFLA_INFO_KIND: "bridge",
        IFLA_INFO_DATA: { IFLA_BR_VLAN_FILTERING: 1, IFLA_BR_VLAN_DEFAULT_PVID: 7 },
      },
    },
  },
  {
    name: "newlink-vlan",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_MTU: 1400,
      IFLA_LINK: 2,
      IFLA_IFNAME: "u1.100",
      IFLA_LINKINFO: {
        IFLA_INFO_KIND: "vlan",
        IFLA_INFO_DATA: { IFLA_VLAN_PROTOCOL: ETH_P_8021Q, IFLA_VLAN_ID: 100 },
      },
    },
  },
  {
    name: "newlink-macvlan",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_ADDRESS: "02:00:00:00:00:01",
      IFLA_MTU: 1400,
      IFLA_NET_NS_FD: 4,
      IFLA_LINK: 2,
      IFLA_IFNAME: "eth0",
      IFLA_LINKINFO: {
        IFLA_INFO_KIND: "macvlan",
        IFLA_INFO_DATA: { IFLA_MACVLAN_MODE: MACVLAN_MODE_BRIDGE },
      },
    },
  },
  {
    name: "newlink-veth",
    message: "RTM_NEWLINK",
    flags: EXCLUSIVE,
    value: {
      ...LINK,
      IFLA_MTU: 1450,
      IFLA_ADDRESS: "02:00:00:00:00:02",
      IFLA_IFNAME: "v0",
      IFLA_LINKINFO: {
        IFLA_INFO_KIND: "veth",
        IFLA_INFO_DATA: {
          VETH_INFO_PEER: {
            ...LINK,
            IFLA_MTU: 1450,
            IFLA_ADDRESS: "02:00:00:00:00:03",
            IFLA_NET_NS_FD: 4,
            IFLA_IFNAME: "eth0",
          },
        },
      },
    },
  },
  {
    name: "setlink-master",
    message: "RTM_NEWLINK",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: {
      ...LINK,
      ifi_index: 3,
      ifi_flags: 1,
      ifi_change: 1,
      IFLA_MASTER: 2,
      IFLA_IFALIAS: "podwire mynet/c1/eth0",
    },
  },
  {
    name: "newlink-bridge-slave",
    message: "RTM_NEWLINK",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: {
      ...LINK,
      ifi_index: 3,
      IFLA_LINKINFO: {
        IFLA_INFO_KIND: "bridge_slave",
        IFLA_INFO_SLAVE_DATA: { raw: Uint8Array.fromHex("05000400010000000500210001000000") },
      },
    },
  },
];

/** As `ip link set dev v0 vf 3 …` writes them, for an interface with the index 3. */
function setVf(name: string, info: object): Golden {
  const value = { ...LINK, ifi_index: 3, IFLA_VFINFO_LIST: [info] };
  return { name: `setvf-${name}`, message: "RTM_NEWLINK", flags: NLM_F.REQUEST | NLM_F.ACK, value };
}

const TAG = { vf: 3, vlan: 120, qos: 5 };
const VFS: Golden[] = [
  setVf("vlan", { IFLA_VF_VLAN: TAG }),
  setVf("vlan-list", { IFLA_VF_VLAN_LIST: [{ ...TAG, vlan_proto: ETH_P_8021AD, __pad: 0 }] }),
  setVf("mac", { IFLA_VF_MAC: { vf: 3, mac: "02:00:00:00:00:05" } }),
  setVf("rate", { IFLA_VF_RATE: { vf: 3, min_tx_rate: 100, max_tx_rate: 500 } }),
  setVf("link-state", { IFLA_VF_LINK_STATE: { vf: 3, link_state: VF_LINK_STATE.ENABLE } }),
  setVf("spoofchk", { IFLA_VF_SPOOFCHK: { vf: 3, setting: 0 } }),
  setVf("trust", { IFLA_VF_TRUST: { vf: 3, setting: 1 } }),
  setVf("rss-query", { IFLA_VF_RSS_QUERY_EN: { vf: 3, setting: 1 } }),
];

const OTHERS: Golden[] = [
  {
    name: "newaddr-ipv4",
    message: "RTM_NEWADDR",
    flags: EXCLUSIVE,
    value: {
      ifa_family: AF.INET,
      ifa_prefixlen: 16,
      ifa_flags: 0,
      ifa_scope: 0,
      ifa_index: 2,
      IFA_LOCAL: address("10.1.0.1"),
      IFA_ADDRESS: address("10.1.0.1"),
      IFA_BROADCAST: address("10.1.255.255"),
    },
  },
  {
    name: "newaddr-ipv6",
    message: "RTM_NEWADDR",
    flags: EXCLUSIVE,
    value: {
      ifa_family: AF.INET6,
      ifa_prefixlen: 64,
      ifa_flags: IFA_F.NODAD,
      ifa_scope: 0,
      ifa_index: 2,
      IFA_LOCAL: address("fd00::1"),
      IFA_ADDRESS: address("fd00::1"),
    },
  },
  {
    name: "newroute-ipv4",
    message: "RTM_NEWROUTE",
    flags: EXCLUSIVE,
    value: {
      ...ROUTE,
      rtm_family: AF.INET,
      rtm_dst_len: 24,
      rtm_table: 0,
      RTA_DST: address("10.9.0.0"),
      RTA_GATEWAY: address("10.1.0.7"),
      RTA_PRIORITY: 50,
      RTA_TABLE: 300,
      RTA_OIF: 2,
      RTA_METRICS: { RTAX_MTU: 1400, RTAX_ADVMSS: 1360 },
    },
  },
  {
    name: "delroute-multicast",
    message: "RTM_DELROUTE",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: {
      ...ROUTE,
      rtm_family: AF.INET6,
      rtm_dst_len: 8,
      rtm_table: 255,
      rtm_protocol: 0,
      rtm_type: 5,
      RTA_DST: address("ff00::"),
      RTA_OIF: 4,
    },
  },
  {
    name: "newroute-scope",
    message: "RTM_NEWROUTE",
    flags: EXCLUSIVE,
    value: {
      ...ROUTE,
      rtm_family: AF.INET,
      rtm_dst_len: 16,
      rtm_table: MAIN,
      rtm_scope: 253,
      RTA_DST: address("10.8.0.0"),
      RTA_PREFSRC: address("10.1.0.1"),
      RTA_OIF: 2,
    },
  },
  {
    name: "newroute-ipv6-default",
    message: "RTM_NEWROUTE",
    flags: EXCLUSIVE,
    value: {
      ...ROUTE,
      rtm_family: AF.INET6,
      rtm_dst_len: 0,
      rtm_table: MAIN,
      RTA_DST: address("::"),
      RTA_GATEWAY: address("fd00::2"),
      RTA_PRIORITY: 7,
      RTA_OIF: 2,
    },
  },
  {
    name: "getroute",
    message: "RTM_GETROUTE",
    flags: NLM_F.REQUEST,
    value: {
      rtm_family: AF.INET,
      rtm_dst_len: 32,
      rtm_src_len: 32,
      rtm_tos: 0,
      rtm_table: 0,
      rtm_protocol: 0,
      rtm_scope: 0,
      rtm_type: 0,
      rtm_flags: RTM_F_LOOKUP_TABLE,
      RTA_DST: address("10.9.0.3"),
      RTA_SRC: address("10.1.0.5"),
      RTA_IIF: 2,
    },
  },
  {
    name: "getneigh",
    message: "RTM_GETNEIGH",
    flags: NLM_F.REQUEST,
    value: {
      ndm_family: AF.INET,
      ndm_pad1: 0,
      ndm_pad2: 0,
      ndm_ifindex: 2,
      ndm_state: 0,
      ndm_flags: 0,
      ndm_type: 0,
      NDA_DST: address("10.1.0.9"),
    },
  },
  {
    name: "newneigh",
    message: "RTM_NEWNEIGH",
    flags: EXCLUSIVE,
    value: {
      ndm_family: AF.INET,
      ndm_pad1: 0,
      ndm_pad2: 0,
      ndm_ifindex: 2,
      ndm_state: 0x80,
      ndm_flags: 0,
      ndm_type: 0,
      NDA_DST: address("10.1.0.9"),
      NDA_LLADDR: "02:00:00:00:00:09",
    },
  },
  {
    name: "newqdisc-htb",
    message: "RTM_NEWQDISC",
    flags: EXCLUSIVE,
    value: {
      ...QUEUE,
      tcm_handle: HANDLE,
      tcm_parent: TC_H.ROOT,
      TCA_KIND: "htb",
      TCA_OPTIONS: {
        TCA_HTB_INIT: { version: 3, rate2quantum: 10, defcls: 3, debug: 0, direct_pkts: 0 },
      },
    },
  },
  {
    name: "newtfilter-table",
    message: "RTM_NEWTFILTER",
    flags: EXCLUSIVE,
    value: { ...FILTER, tcm_handle: 0x0010_0000, TCA_KIND: "u32", TCA_OPTIONS: { TCA_U32_DIVISOR: 256 } },
  },
  {
    name: "newtfilter-link",
    message: "RTM_NEWTFILTER",
    flags: EXCLUSIVE,
    value: {
      ...FILTER,
      tcm_handle: 0x8000_0001,
      TCA_KIND: "u32",
      TCA_OPTIONS: {
        TCA_U32_LINK: 0x0010_0000,
        TCA_U32_SEL: {
          ...SELECTOR,
          nkeys: 1,
          hoff: -4,
          hmask: 0x00ff_0000,
          keys: [{ mask: 0, val: 0, off: 0, offmask: 0 }],
        },
      },
    },
  },
  {
    name: "newtfilter-mac",
    message: "RTM_NEWTFILTER",
    flags: EXCLUSIVE,
    value: {
      ...FILTER,
      tcm_handle: 0x0017_f0a0,
      TCA_KIND: "u32",
      TCA_OPTIONS: {
        TCA_U32_CLASSID: HANDLE + 0x7fa0,
        TCA_U32_HASH: 0x0017_f000,
        TCA_U32_SEL: {
          ...SELECTOR,
          flags: TC_U32_TERMINAL,
          nkeys: 2,
          keys: [
            { mask: 0xffff_ffff, val: 0x0200_0000, off: -8, offmask: 0 },
            { mask: 0xffff_0000, val: 0x017f_0000, off: -4, offmask: 0 },
          ],
        },
      },
    },
  },
  {
    name: "deltfilter",
    message: "RTM_DELTFILTER",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: { ...FILTER, tcm_handle: 0x0017_f0a0, TCA_KIND: "u32" },
  },
  {
    name: "deltclass",
    message: "RTM_DELTCLASS",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: { ...QUEUE, tcm_handle: HANDLE + 0xa0 },
  },
  {
    name: "delqdisc",
    message: "RTM_DELQDISC",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: { ...QUEUE, tcm_parent: TC_H.ROOT },
  },
  {
    name: "newvlan",
    message: "RTM_NEWVLAN",
    flags: NLM_F.REQUEST | NLM_F.ACK,
    value: {
      family: AF.BRIDGE,
      reserved1: 0,
      reserved2: 0,
      ifindex: 5,
      BRIDGE_VLANDB_ENTRY: [
        {
          BRIDGE_VLANDB_ENTRY_INFO: { flags: 0x40, vid: 200 },
          BRIDGE_VLANDB_ENTRY_RANGE: 203,
          unknown: [{ id: 3, payload: Uint8Array.of(3) }], // BRIDGE_VLANDB_ENTRY_STATE
        },
      ],
    },
  },
];

function typeOf(message: keyof typeof messages): PayloadType<unknown> {
  return messages[message][1] as PayloadType<unknown>; // `as`: tests give each message its own values
}

test.for([...LINKS, ...VFS, ...OTHERS])(
  "decodeMessages() reads what ip wrote when the request is $name",
  (golden) => {
    const [message, ...rest] = decodeMessages(readGolden(golden.name));
    expect(rest).toEqual([]);
    expect(message).toMatchObject({ type: messages[golden.message][0], flags: golden.flags });
    expect(readPayload(typeOf(golden.message), message?.payload ?? new Uint8Array(0))).toEqual(golden.value);
  },
);

test.for([...VFS, ...OTHERS])("encodeMessage() writes ip's bytes when the request is $name", (golden) => {
  const bytes = readGolden(golden.name);
  const sequence = decodeMessages(bytes)[0]?.sequence ?? 0;
  const [type] = messages[golden.message];
  const payload = typeOf(golden.message).write(golden.value, {});
  expect(encodeMessage({ type, flags: golden.flags, sequence, payload }).toHex()).toBe(bytes.toHex());
});

test.for(LINKS)("linkMessage gives the same values again when it wrote those of $name", (golden) => {
  const payload = typeOf(golden.message).write(golden.value, {});
  expect(readPayload(typeOf(golden.message), payload)).toEqual(golden.value);
});
