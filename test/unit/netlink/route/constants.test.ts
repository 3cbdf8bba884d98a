/** Every number of the netlink tables, held against the kernel's own headers. */

import { expect, test } from "vitest";
import { NLM_F, NLMSG } from "../../../../src/netlink/codec/message.ts";
import type { Siblings } from "../../../../src/netlink/codec/type.ts";
import { NETLINK_OPTION } from "../../../../src/netlink/open.ts";
import { addressMessage, IFA_F } from "../../../../src/netlink/route/address.ts";
import { IF_OPER, IFF, linkMessage } from "../../../../src/netlink/route/link.ts";
import { neighbourMessage } from "../../../../src/netlink/route/neighbour.ts";
import { AF, RTNLGRP } from "../../../../src/netlink/route/protocol.ts";
import { routeMessage, rtnexthop } from "../../../../src/netlink/route/route.ts";
import { evaluate, sourcesOf } from "../../../support/uapi.ts";

const HEADERS = [
  "sys/socket.h",
  "linux/if.h",
  "linux/if_addr.h",
  "linux/if_bridge.h",
  "linux/if_link.h",
  "linux/neighbour.h",
  "linux/netlink.h",
  "linux/rtnetlink.h",
  "linux/veth.h",
];

/** Our spelling where it differs from the header's: objects leave the common part of their names away. */
function prefixed(prefix: string, table: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(table).map(([name, value]) => [`${prefix}${name}`, value]);
}

/** `NAME: [number, …` of attribute and message tables. */
const ROW = /^\s+([A-Z][A-Z0-9_]+): \[(\d+), /gm;
/** `const NAME = number;` outside of objects. */
const CONSTANT =
  /^(?:export )?const ((?:AF|SOL|MSG|NETLINK|RT|RTM|RTN|RTPROT)_[A-Z0-9_]+) = (0x[0-9a-f]+|\d+);/gm;

function scan(pattern: RegExp): [string, number][] {
  const text = [...sourcesOf("src/netlink").values()].join("\n");
  return [...text.matchAll(pattern)].map(([, name = "", value = ""]) => [name, Number(value)]);
}

const ROWS = scan(ROW);

const CONSTANTS: [string, number][] = [
  ...scan(CONSTANT),
  ...prefixed("NETLINK_", NETLINK_OPTION),
  ...prefixed("NLMSG_", NLMSG),
  ...prefixed("NLM_F_", NLM_F),
  ...prefixed("IFF_", IFF),
  ...prefixed("IF_OPER_", IF_OPER),
  ...prefixed("IFA_F_", IFA_F),
  ...prefixed("RTNLGRP_", RTNLGRP),
  ...prefixed("AF_", AF),
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
