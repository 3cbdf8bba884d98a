/** Every number of the netlink tables, held against the kernel's own headers. */

import { expect, test } from "vitest";
import { NETLINK_OPTION } from "../../../../src/netlink/channel.ts";
import { NLM_F, NLMSG } from "../../../../src/netlink/codec/message.ts";
import type { Siblings } from "../../../../src/netlink/codec/type.ts";
import {
  CMP,
  CT_STATE,
  CT_STATUS,
  FIB,
  LOOKUP_INVERTED,
  META,
  NAT_DNAT,
  PAYLOAD_BASE,
  VERDICT,
} from "../../../../src/netlink/netfilter/expression.ts";
import { NFPROTO, SUBSYS_NFTABLES } from "../../../../src/netlink/netfilter/header.ts";
import {
  DATA_VERDICT,
  INTERVAL_END,
  NF_INET,
  SET_FLAG,
} from "../../../../src/netlink/netfilter/nf-tables.ts";
import { addressMessage, IFA_F } from "../../../../src/netlink/route/address.ts";
import {
  BRIDGE_VLAN_INFO,
  bridge_vlan_info,
  bridgeVlanMessage,
} from "../../../../src/netlink/route/bridge-vlan.ts";
import { IF_OPER, IFF, linkMessage, RTEXT_FILTER } from "../../../../src/netlink/route/link.ts";
import { NUD, neighbourMessage } from "../../../../src/netlink/route/neighbour.ts";
import { AF, RTNLGRP } from "../../../../src/netlink/route/protocol.ts";
import { RTN, routeMessage, rtnexthop } from "../../../../src/netlink/route/route.ts";
import {
  TC_H,
  tc_htb_glob,
  tc_htb_opt,
  tc_mirred,
  tc_tbf_qopt,
  tc_u32_key,
  tc_u32_sel,
  trafficControlMessage,
} from "../../../../src/netlink/route/traffic-control.ts";
import { VF_LINK_STATE } from "../../../../src/netlink/route/vf.ts";
import { evaluate, sourcesOf } from "../../../support/netlink/uapi.ts";

const HEADERS = [
  "sys/socket.h",
  "linux/if.h",
  "linux/if_addr.h",
  "linux/if_bridge.h",
  "linux/if_ether.h",
  "linux/if_link.h",
  "linux/ip.h",
  "linux/neighbour.h",
  "linux/netconf.h",
  "linux/netfilter.h",
  "linux/netfilter/nf_tables.h",
  "linux/netfilter/nf_tables_compat.h",
  "linux/netfilter/nfnetlink.h",
  "linux/netfilter/nfnetlink_conntrack.h",
  "linux/netlink.h",
  "linux/pkt_cls.h",
  "linux/pkt_sched.h",
  "linux/rtnetlink.h",
  "linux/tc_act/tc_mirred.h",
  "linux/veth.h",
];

/** Our spelling where it differs from the header's: objects leave the common part of their names away. */
function prefixed(prefix: string, table: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(table).map(([name, value]) => [`${prefix}${name}`, value]);
}

/** `NAME: [number, …` of attribute and message tables. */
const ROW = /^\s+([A-Z][A-Z0-9_]+): \[(\d+), /gm;
/** Numbers of nf_tables' and connection tracking's messages are made of a subsystem and a number. */
const SUBSYSTEM_ROW = /^\s+(\w+): \[(NFT|CTNETLINK)(?: \+ (\d+))?, /gm;
/** `const NAME = number;` outside of objects. */
const CONSTANT =
  /^(?:export )?const ((?:AF|IFLA|SOL|MSG|ETH_P|IN6_ADDR_GEN_MODE|MACVLAN_MODE|NETLINK|NLA_F|NTF|RT|RTM|RTN|RTNH|RTPROT|TC|TCA)_[A-Z0-9_]+) = (0x[0-9a-f]+|\d+);/gm;

function scan(pattern: RegExp): [string, number][] {
  const text = [...sourcesOf("src/netlink").values()].join("\n");
  return [...text.matchAll(pattern)].map(([, name = "", value = ""]) => [name, Number(value)]);
}

const ROWS = scan(ROW);

function subsystemRows(): [string, number][] {
  const text = [...sourcesOf("src/netlink/netfilter").values()].join("\n");
  return [...text.matchAll(SUBSYSTEM_ROW)].map(([, name = "", , number = "0"]) => [name, Number(number)]);
}

const CONSTANTS: [string, number][] = [
  ...scan(CONSTANT),
  ...prefixed("NETLINK_", NETLINK_OPTION),
  ...prefixed("NLMSG_", NLMSG),
  ...prefixed("NLM_F_", NLM_F),
  ...prefixed("IFF_", IFF),
  ...prefixed("IF_OPER_", IF_OPER),
  ...prefixed("RTEXT_FILTER_", RTEXT_FILTER),
  ...prefixed("IFLA_VF_LINK_STATE_", VF_LINK_STATE),
  ...prefixed("RTN_", RTN),
  ...prefixed("NUD_", NUD),
  ...prefixed("IFA_F_", IFA_F),
  ...prefixed("BRIDGE_VLAN_INFO_", BRIDGE_VLAN_INFO),
  ...prefixed("RTNLGRP_", RTNLGRP),
  ...prefixed("AF_", AF),
  ...prefixed("NFPROTO_", NFPROTO),
  ...prefixed("NF_INET_", NF_INET),
  ...prefixed("NFT_SET_", SET_FLAG),
  ...prefixed("NFT_META_", META),
  ...prefixed("NFT_CMP_", CMP),
  ["NFT_SET_ELEM_INTERVAL_END", INTERVAL_END],
  ["NFT_LOOKUP_F_INV", LOOKUP_INVERTED],
  ["NFT_CT_STATE", CT_STATE],
  ["NFT_CT_STATUS", CT_STATUS],
  ["NFT_NAT_DNAT", NAT_DNAT],
  ["NFT_FIB_RESULT_ADDRTYPE", FIB.RESULT_ADDRTYPE],
  ["NFTA_FIB_F_DADDR", FIB.FLAG_DADDR],
  ["NFNL_SUBSYS_NFTABLES", SUBSYS_NFTABLES],
  ["NFT_PAYLOAD_LL_HEADER", PAYLOAD_BASE.LINK],
  ["NFT_PAYLOAD_NETWORK_HEADER", PAYLOAD_BASE.NETWORK],
  ["NFT_PAYLOAD_TRANSPORT_HEADER", PAYLOAD_BASE.TRANSPORT],
];

function fromHeaders(constants: readonly [string, number][]): [string, number][] {
  const values = evaluate(
    HEADERS,
    constants.map(([name]) => name),
  );
  return constants.map(([name]) => [name, values.get(name) ?? Number.NaN]);
}

test("every row of the attribute and message tables has the kernel's number when looked up by name", () => {
  expect(ROWS.length).toBeGreaterThanOrEqual(50);
  expect(ROWS).toEqual(fromHeaders(ROWS));
});

test("every message of nf_tables and connection tracking has the kernel's number when looked up by name", () => {
  expect(subsystemRows().length).toBeGreaterThanOrEqual(15);
  expect(subsystemRows()).toEqual(fromHeaders(subsystemRows()));
});

test("the parents of root and ingress queues have the kernel's numbers when written as unsigned", () => {
  const unsigned = evaluate(HEADERS, ["(unsigned)TC_H_ROOT", "(unsigned)TC_H_INGRESS"]);
  expect([TC_H.ROOT, TC_H.INGRESS]).toEqual([...unsigned.values()]);
});

test("verdicts and the verdict type have the kernel's numbers when written as unsigned", () => {
  const names = ["NFT_JUMP", "NFT_GOTO", "NFT_RETURN", "NF_DROP", "NF_ACCEPT", "NFT_DATA_VERDICT"];
  const unsigned = evaluate(
    HEADERS,
    names.map((name) => `(unsigned)${name}`),
  );
  const { ACCEPT, DROP, GOTO, JUMP, RETURN } = VERDICT;
  expect([JUMP, GOTO, RETURN, DROP, ACCEPT, DATA_VERDICT]).toEqual([...unsigned.values()]);
});

test("every flag and option has the kernel's number when looked up by name", () => {
  expect(CONSTANTS.map(([name]) => name)).toContain("RT_TABLE_MAIN");
  expect(CONSTANTS).toEqual(fromHeaders(CONSTANTS));
});

const STRUCTURES = [
  ["ifinfomsg", linkMessage, ["ifi_family", "ifi_type", "ifi_index", "ifi_flags", "ifi_change"]],
  ["ifaddrmsg", addressMessage, ["ifa_family", "ifa_prefixlen", "ifa_flags", "ifa_scope", "ifa_index"]],
  [
    "rtmsg",
    routeMessage,
    [
      "rtm_family",
      "rtm_dst_len",
      "rtm_src_len",
      "rtm_tos",
      "rtm_table",
      "rtm_protocol",
      "rtm_scope",
      "rtm_type",
      "rtm_flags",
    ],
  ],
  ["ndmsg", neighbourMessage, ["ndm_family", "ndm_ifindex", "ndm_state", "ndm_flags", "ndm_type"]],
  [
    "tc_tbf_qopt",
    tc_tbf_qopt,
    ["rate.linklayer", "rate.rate", "peakrate.linklayer", "peakrate.rate", "limit", "buffer", "mtu"],
  ],
  ["br_vlan_msg", bridgeVlanMessage, ["family", "reserved1", "reserved2", "ifindex"]],
  ["bridge_vlan_info", bridge_vlan_info, ["flags", "vid"]],
  ["tc_htb_glob", tc_htb_glob, ["version", "rate2quantum", "defcls", "debug", "direct_pkts"]],
  [
    "tc_htb_opt",
    tc_htb_opt,
    [
      "rate.linklayer",
      "rate.rate",
      "ceil.linklayer",
      "ceil.rate",
      "buffer",
      "cbuffer",
      "quantum",
      "level",
      "prio",
    ],
  ],
  ["tc_u32_sel", tc_u32_sel, ["flags", "offshift", "nkeys", "off", "offoff", "hoff"]],
  ["tc_u32_key", tc_u32_key, ["off", "offmask"]],
  ["tc_mirred", tc_mirred, ["index", "action", "eaction", "ifindex"]],
  ["tcmsg", trafficControlMessage, ["tcm_family", "tcm_ifindex", "tcm_handle", "tcm_parent", "tcm_info"]],
  ["rtnexthop", rtnexthop, ["rtnh_len", "rtnh_flags", "rtnh_hops", "rtnh_ifindex"]],
] as const;

test.for(STRUCTURES)(
  "struct %s has the kernel's size and field offsets when it is written",
  ([name, type, fields]) => {
    const write: (value: object, siblings: Siblings) => Uint8Array = type.write;
    const ours = fields.map((field) => [field, write({ [field]: 1 }, {}).indexOf(1)]);
    const offsets = fields.map((field) => `offsetof(struct ${name}, ${field})`);
    const theirs = evaluate(HEADERS, [`sizeof(struct ${name})`, ...offsets]);
    expect(write({}, {}).length).toBe(theirs.get(`sizeof(struct ${name})`));
    expect(ours).toEqual(fields.map((field, index) => [field, theirs.get(offsets[index] ?? "")]));
  },
);

test("AF_INET6 of IFLA_AF_SPEC has the kernel's number when link tables use it as an attribute", () => {
  const bytes = linkMessage.write({ IFLA_AF_SPEC: { AF_INET6: {} } }, {});
  expect(bytes.subarray(20).toHex()).toBe(`0400${AF.INET6.toString(16).padStart(2, "0")}00`);
});
