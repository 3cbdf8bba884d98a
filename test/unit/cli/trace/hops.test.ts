/** Each hop from plain data: what is said of it, and what mends it. */

import { expect, test } from "vitest";
import { judgeLegacy } from "../../../../src/cli/trace/filter.ts";
import { judgeCarrier, judgeMtu } from "../../../../src/cli/trace/from-node.ts";
import { judgeInterface } from "../../../../src/cli/trace/from-pod.ts";
import { type Hop, passes, stops, walk, warns } from "../../../../src/cli/trace/hop.ts";
import { judgeReply } from "../../../../src/cli/trace/into-pod.ts";
import { judgeInput } from "../../../../src/cli/trace/node.ts";
import {
  judgeLimit,
  judgePort,
  judgeSenderCheck,
  judgeVlanIn,
  judgeVlanOut,
} from "../../../../src/cli/trace/port.ts";
import { judgeNeighbour, judgeRefusal, judgeWayBack } from "../../../../src/cli/trace/route.ts";
import { judgeMasquerade, masqueradeAddress } from "../../../../src/cli/trace/rules.ts";
import { judgeMeeting, judgeParent, judgeVf } from "../../../../src/cli/trace/segment.ts";
import { access, tagged } from "../../../../src/link/bridge-vlan.ts";
import { RESET } from "../../../../src/sriov/vf-settings.ts";
import { interfaceAddress, link, port } from "../../../support/fixtures/links.ts";
import { address, prefix } from "../../../support/fixtures/values.ts";

/** `level: text | advice`. */
function said({ level, text, advice }: Hop): string {
  return `${level}: ${text}${advice === undefined ? "" : ` | ${advice}`}`;
}

const POD = {
  name: "shop/cart-0",
  ifname: "eth0",
  netns: "/run/netns/c1",
  link: link({ ifname: "eth0", mtu: 1450 }),
  addresses: [interfaceAddress("10.1.0.2/16"), interfaceAddress("fe80::1/64")],
  given: [prefix("10.1.0.2/16"), prefix("fd00::2/64")],
};
const ENTER = "nsenter --net=/run/netns/c1";

const INTERFACES = [
  ["it is whole", 4, {}, "ok: eth0 of shop/cart-0 is up with 10.1.0.2/16, MTU 1450"],
  [
    "it is gone",
    4,
    { link: undefined },
    "fault: shop/cart-0 has no interface eth0 | delete the pod, so that its runtime starts it anew",
  ],
  [
    "it is down",
    4,
    { link: link({ isUp: false }) },
    `fault: eth0 of shop/cart-0 is down | ${ENTER} ip link set dev eth0 up; then trace again, for its routes went with it`,
  ],
  [
    "it has lost its address",
    4,
    { addresses: [] },
    `fault: eth0 of shop/cart-0 has no IPv4 address, it was given 10.1.0.2/16 | ${ENTER} ip address add 10.1.0.2/16 dev eth0`,
  ],
  [
    "it has its link-local address alone",
    6,
    {},
    `warning: eth0 of shop/cart-0 has no IPv6 address, it was given fd00::2/64 | ${ENTER} ip address add fd00::2/64 dev eth0 nodad`,
  ],
  [
    "the packet is for it and it has its link-local address alone",
    6,
    { isTarget: true },
    `fault: eth0 of shop/cart-0 has no IPv6 address, it was given fd00::2/64 | ${ENTER} ip address add fd00::2/64 dev eth0 nodad`,
  ],
  [
    "it was never given one",
    6,
    { addresses: [], given: [] },
    "fault: eth0 of shop/cart-0 has no IPv6 address | give its network an IPv6 range, and delete the pod, so that its runtime starts it anew; or use the other family",
  ],
  [
    "another host has it",
    6,
    { addresses: [interfaceAddress("fd00::2/64", { isTentative: true, hasFailedDetection: true })] },
    "fault: eth0 of shop/cart-0 does not use fd00::2/64: another host on the link has it | find that host by the neighbour entries of the others, then start the pod anew",
  ],
] as const;

test.for(INTERFACES)("judgeInterface() says so when %s", ([, family, change, wanted]) => {
  expect(said(judgeInterface({ ...POD, ...change } as typeof POD, family))).toBe(wanted);
});

const REFUSED = {
  name: "the node",
  dst: address("192.0.2.1"),
  stopping: { dst: prefix("192.0.2.0/24"), type: "blackhole", table: 300 },
  advice: "ADVICE",
  command: (text: string) => `HERE ${text}`,
} as const;

test.for([
  ["ENETUNREACH", {}, "fault: the node has no route to 192.0.2.1 | ADVICE"],
  [
    "EINVAL",
    {},
    "fault: the node has a route of type blackhole to 192.0.2.0/24 (table 300) | HERE ip route del blackhole 192.0.2.0/24 table 300",
  ],
  ["EACCES", { stopping: undefined }, "fault: the node has no route to 192.0.2.1 (EACCES) | ADVICE"],
] as const)("judgeRefusal() says so when the kernel says %s", ([errno, change, wanted]) => {
  expect(said(judgeRefusal({ errno }, { ...REFUSED, ...change }))).toBe(wanted);
});

test.for([
  [undefined, "ok: shop/cart-0 does not know 10.1.0.1 yet and will ask"],
  [{ mac: "02:00:00:00:00:01", state: "STALE" }, "ok: 10.1.0.1 is 02:00:00:00:00:01 on eth0 (STALE)"],
  [
    { mac: "", state: "FAILED" },
    "warning: 10.1.0.1 did not answer when shop/cart-0 asked for it on eth0 (FAILED); it will ask again",
  ],
] as const)("judgeNeighbour() names the state when it is %o", ([neighbour, wanted]) => {
  expect(said(judgeNeighbour({ ...POD, address: address("10.1.0.1"), neighbour }))).toBe(wanted);
});

const ENTER_UP = `${ENTER} ip link set dev eth0 up`;

test.for([
  ["it forwards", {}, "ok: v1 is up, a forwarding port of br0"],
  [
    "it is gone",
    { link: undefined },
    "fault: the node's end v1 is gone | delete the pod, so that its runtime starts it anew",
  ],
  ["it is down", { link: link({ isUp: false }) }, "fault: the node's end v1 is down | ip link set dev v1 up"],
  [
    "its other end is down",
    { link: link({ operstate: 3 }), otherEnd: ENTER_UP },
    `fault: v1 has no carrier: its other end, in the pod, is down | ${ENTER_UP}`,
  ],
  ["it is no port", { bridge: undefined }, "fault: v1 is no port of br0 | ip link set dev v1 master br0"],
  [
    "it is a port of another bridge",
    { bridge: link({ ifname: "br7" }) },
    "fault: v1 is a port of br7, not of br0 | ip link set dev v1 master br0",
  ],
  [
    "the bridge is down",
    { bridge: link({ ifname: "br0", isUp: false }) },
    "fault: bridge br0 is down | ip link set dev br0 up",
  ],
  [
    "it learns",
    { state: "learning" },
    "fault: v1 is a learning port of br0 | bridge link set dev v1 state 3",
  ],
] as const)("judgePort() says so when %s", ([, change, wanted]) => {
  expect(said(judgePort({ ...port(), ...change } as ReturnType<typeof port>))).toBe(wanted);
});

test.for([
  ["VLANs are not told apart", undefined, []],
  ["it has one", [access(120)], ["ok: v1 puts frames without a tag into VLAN 120"]],
  [
    "it has none",
    [tagged(120)],
    ["fault: v1 has no VLAN for frames without a tag | bridge vlan add dev v1 vid 1 pvid untagged"],
  ],
] as const)("judgeVlanIn() says so when %s", ([, vlans, wanted]) => {
  expect(judgeVlanIn({ ...port(), vlans }).map(said)).toEqual(wanted);
});

const ADD_120 = "bridge vlan add dev v1 vid 120 pvid untagged";

test.for([
  ["VLANs are not told apart", { vlans: undefined }, []],
  ["it carries it untagged", { vlans: [access(120)] }, ["ok: v1 carries VLAN 120 without a tag"]],
  ["it carries it tagged", { vlans: [tagged(100, 130)] }, ["ok: v1 carries VLAN 120 with its tag"]],
  [
    "a pod would get it tagged",
    { vlans: [tagged(120)], otherEnd: ENTER_UP },
    [
      `fault: v1 carries VLAN 120 with its tag, and the pod's interface takes frames without one | ${ADD_120}`,
    ],
  ],
  [
    "it carries others",
    { vlans: [access(1), tagged(200, 210)] },
    [`fault: v1 is not in VLAN 120 (it carries 1, 200-210) | ${ADD_120}, if both shall be in one network`],
  ],
  [
    "it carries none",
    { vlans: [] },
    [`fault: v1 is not in VLAN 120 (it carries none) | ${ADD_120}, if both shall be in one network`],
  ],
] as const)("judgeVlanOut() says so when %s", ([, change, wanted]) => {
  expect(judgeVlanOut({ ...port(), ...change }, 120).map(said)).toEqual(wanted);
});

test.for([
  ["there is none", undefined, []],
  [
    "a bucket keeps it",
    { link: link({ ifname: "ifb1" }), rate: 125_000 },
    ["ok: at most 1Mbit/s by the token bucket of ifb1"],
  ],
  [
    "its interface is down",
    { link: link({ ifname: "ifb1", isUp: false }), rate: 125_000 },
    ["fault: what it sends is led through ifb1, which is not up | ip link set dev ifb1 up"],
  ],
  [
    "its interface is gone",
    { link: undefined, rate: undefined },
    [
      "fault: what it sends is led through an interface that is gone, which is not up | delete the pod, so that its runtime starts it anew",
    ],
  ],
  [
    "it limits nothing",
    { link: link({ ifname: "ifb1" }), rate: undefined },
    ["ok: led through ifb1, without a limit"],
  ],
] as const)("judgeLimit() says so when %s", ([, limit, wanted]) => {
  expect(judgeLimit(limit).map(said)).toEqual(wanted);
});

const MAC = "02:00:00:00:00:01";
const CHECK = {
  port: "v1",
  mac: MAC,
  ifname: "eth0",
  netns: "/run/netns/c1",
  wanted: MAC,
  isChecked: true,
  sender: undefined,
};
const DROPPED = `senders of v1 are checked, and ${MAC} is none of them: table bridge podwire drops the frame`;

test.for([
  ["nothing is checked", { wanted: undefined, isChecked: false }, []],
  ["the element is gone", {}, [`fault: ${DROPPED} | podwire repair`]],
  [
    "the pod has another address",
    { wanted: "02:00:00:00:00:07" },
    [`fault: ${DROPPED} | ${ENTER} ip link set dev eth0 address 02:00:00:00:00:07`],
  ],
  [
    "the check is gone",
    { isChecked: false },
    ["warning: senders of v1 should be checked, and are not | podwire repair"],
  ],
] as const)("judgeSenderCheck() says so when %s", ([, change, wanted]) => {
  expect(judgeSenderCheck({ ...CHECK, ...change }).map(said)).toEqual(wanted);
});

const DIRECT = { type: 1, ifindex: 3, table: 254 };
const INPUT = {
  src: address("10.1.0.2"),
  dst: address("192.0.2.1"),
  ifname: "br0",
  answer: { ...DIRECT, gateway: address("192.168.1.1") },
  oifname: "eth1",
  isForwarding: true,
  plain: DIRECT,
  back: DIRECT,
  backIfname: "br0",
  stopping: undefined,
};

test.for([
  ["it goes on", {}, "ok: 192.0.2.1 is reached by 192.168.1.1 on eth1 (table main), and the node forwards"],
  ["it is the node's", { answer: { ...DIRECT, type: 2 } }, "ok: 192.0.2.1 is the node itself"],
  [
    "it is for many",
    { answer: { ...DIRECT, type: 3 } },
    "ok: 192.0.2.1 is for many: the node takes it and sends it no further",
  ],
  [
    "the node does not forward",
    { isForwarding: false },
    "fault: the node does not forward IPv4 packets that come in by br0 | sysctl -w net.ipv4.ip_forward=1",
  ],
  [
    "the kernel says that it does not forward",
    { answer: { errno: "EHOSTUNREACH" }, isForwarding: false },
    "fault: the node does not forward IPv4 packets that come in by br0 | sysctl -w net.ipv4.ip_forward=1",
  ],
  [
    "the way back is another",
    { answer: { errno: "EXDEV" }, backIfname: "eth1" },
    "fault: the reverse path filter drops it: it comes in by br0, and the node reaches 10.1.0.2 directly on eth1 (table main) | ip route replace 10.1.0.2/32 dev br0",
  ],
  [
    "a younger kernel says the same",
    { answer: { errno: "EINVAL" }, back: { errno: "ENETUNREACH" } },
    "fault: the reverse path filter drops it: it comes in by br0, and the node has no route to 10.1.0.2 | ip route replace 10.1.0.2/32 dev br0",
  ],
  [
    "the sender is the node's too",
    { answer: { errno: "EINVAL" }, back: { ...DIRECT, type: 2 }, backIfname: "lo" },
    "fault: 10.1.0.2 is an address of the node too: it takes no packets from it | ip address del 10.1.0.2 dev lo, or give the pod another address",
  ],
  [
    "there is no route",
    { answer: { errno: "ENETUNREACH" }, plain: { errno: "ENETUNREACH" } },
    "fault: the node has no route to 192.0.2.1 | ip route add default via GATEWAY dev INTERFACE, or a route to its network",
  ],
  [
    "a rule is in its way",
    { answer: { errno: "EACCES" } },
    "fault: a rule of the node keeps what comes in by br0 from 192.0.2.1 (EACCES) | ip rule show",
  ],
  [
    "its sender is link-local",
    { src: address("fe80::1"), dst: address("2001:db8::1"), answer: DIRECT },
    "fault: fe80::1 holds on its link alone: the node does not forward it | give the pod its address back: podwire trace warns of it at the first hop",
  ],
] as const)("judgeInput() says so when %s", ([, change, wanted]) => {
  expect(said(judgeInput({ ...INPUT, ...change }))).toBe(wanted);
});

const WAY_BACK = {
  src: address("10.1.0.2"),
  ifname: "br0",
  back: DIRECT,
  backIfname: "br0",
  lost: undefined,
};
const BY_OTHER = "the node answers 10.1.0.2 directly on eth1 (table main), and the pod is behind br0";

test.for([
  ["it is the same", {}, "ok: the node answers 10.1.0.2 directly on br0 (table main)"],
  ["it is another", { backIfname: "eth1" }, `fault: ${BY_OTHER} | ip route replace 10.1.0.2/32 dev br0`],
  [
    "the gateway's address is lost",
    { backIfname: "eth1", lost: prefix("10.1.0.1/16") },
    `fault: ${BY_OTHER} | ip address add 10.1.0.1/16 dev br0`,
  ],
  [
    "there is none",
    { back: { errno: "ENETUNREACH" }, backIfname: "" },
    "fault: the node has no route back to 10.1.0.2 | ip route replace 10.1.0.2/32 dev br0",
  ],
] as const)("judgeWayBack() says so when %s", ([, change, wanted]) => {
  expect(said(judgeWayBack({ ...WAY_BACK, ...change }))).toBe(wanted);
});

const REPLY = {
  ...POD,
  src: address("10.2.0.2"),
  dst: address("10.1.0.2"),
  isOwn: true,
  taken: { ...DIRECT, type: 2 },
  back: { ...DIRECT, gateway: address("10.1.0.1") },
  backIfname: "eth0",
  advice: "ADVICE",
};
const ANSWERS = "shop/cart-0 answers 10.2.0.2 by 10.1.0.1 on";

test.for([
  ["it has one", {}, `ok: ${ANSWERS} eth0 (table main)`],
  [
    "it has none",
    { back: { errno: "ENETUNREACH" } },
    "fault: shop/cart-0 has no route back to 10.2.0.2: its answer goes nowhere | ADVICE",
  ],
  [
    "it is another",
    { backIfname: "eth1" },
    `warning: ${ANSWERS} eth1 (table main): not the way that it came`,
  ],
  [
    "the pod filters",
    { taken: { errno: "EXDEV" }, backIfname: "eth1" },
    `fault: the reverse path filter of shop/cart-0 drops it: ${ANSWERS} eth1 (table main) | ${ENTER} sysctl -w net.ipv4.conf.all.rp_filter=2`,
  ],
  [
    "the address is another's",
    { taken: DIRECT, isOwn: false },
    "warning: 10.1.0.2 is no address of shop/cart-0, which may send it on",
  ],
  [
    "the address is another's and the pod sends nothing on",
    { taken: { errno: "EHOSTUNREACH" }, isOwn: false },
    "fault: 10.1.0.2 is no address of shop/cart-0, which does not send it on (EHOSTUNREACH) | podwire attachments shows which addresses there are",
  ],
] as const)("judgeReply() says what becomes of the answer when %s", ([, change, wanted]) => {
  expect(said(judgeReply({ ...REPLY, ...change }))).toBe(wanted);
});

const NEAR = ["192.168.7.1/24", "192.168.5.1/24", "fe80::1/64", "fd50::1/64"].map((text) =>
  interfaceAddress(text),
);

test.for([
  ["192.168.5.9", "192.168.5.1"],
  ["10.0.0.1", "192.168.7.1"],
  ["fd50::2", "fd50::1"],
  ["2001:db8::1", "fd50::1"],
] as const)(
  "masqueradeAddress() takes the next hop's network before others when that is %s",
  ([nextHop, wanted]) => {
    expect(masqueradeAddress(NEAR, address(nextHop))).toEqual(address(wanted));
  },
);

test.for([
  [{ kind: "none" }, "ok: 10.1.0.2 stays: whoever is there needs a way back to it by this node"],
  [
    { kind: "non-masqueraded", chain: "masquerade-1" },
    "ok: 10.1.0.2 stays: chain masquerade-1 leaves this destination alone",
  ],
] as const)("judgeMasquerade() says that the sender stays when it is %o", ([masquerade, wanted]) => {
  expect(said(judgeMasquerade(masquerade, address("10.1.0.2"), undefined))).toBe(wanted);
});

test.for([
  ["it is up", {}, "ok: eth1 is up: it leaves this node there"],
  ["it is down", { isUp: false }, "fault: eth1 is down | ip link set dev eth1 up"],
  [
    "it has no wire",
    { operstate: 2 },
    "fault: eth1 has no carrier | look at the cable, the switch, or the interface below it",
  ],
] as const)("judgeCarrier() says so when %s", ([, change, wanted]) => {
  expect(said(judgeCarrier(link({ ifname: "eth1", ...change })))).toBe(wanted);
});

test.for([
  [1500, []],
  [1450, []],
  [1501, ["warning"]],
] as const)("judgeMtu() warns of packets that do not fit when the pod's MTU is %i", ([mtu, wanted]) => {
  expect(judgeMtu(mtu, { ifname: "eth1", mtu: 1500 }).map(({ level }) => level)).toEqual(wanted);
});

test.for([
  ["there are none", "", []],
  ["there are others", "nat\nmangle\n", []],
  ["there is one that filters", "nat\nfilter\n", ["warning"]],
] as const)("judgeLegacy() warns of tables that cannot be read when %s", ([, tables, wanted]) => {
  expect(judgeLegacy(4, tables).map(({ level }) => level)).toEqual(wanted);
});

const VLAN_120 = { ifname: "eth1.120", tag: { vlan: 120, protocol: 0x8100 } };

test.for([
  ["both are up", {}, {}, "ok: it is a macvlan interface of eth1.120, VLAN 120 of eth1"],
  ["it is down", { isUp: false }, {}, "fault: eth1.120 is down | ip link set dev eth1.120 up"],
  ["what is below is down", {}, { isUp: false }, "fault: eth1 is down | ip link set dev eth1 up"],
] as const)("judgeParent() says so when %s", ([, parent, below, wanted]) => {
  expect(said(judgeParent(link({ ...VLAN_120, ...parent }), link({ ifname: "eth1", ...below })))).toBe(
    wanted,
  );
});

const VF = { pf: "ens1", index: 2, mac: MAC, settings: RESET };

test.for([
  ["nobody has touched it", {}, ["ok: it is ens1 VF 2, without a VLAN, link auto"]],
  [
    "it has a VLAN and a limit",
    { settings: { ...RESET, vlan: 120, maxTxRateMbps: 500 } },
    ["ok: it is ens1 VF 2, in VLAN 120, link auto, at most 500 Mbit/s"],
  ],
  [
    "its link is off",
    { settings: { ...RESET, linkState: "disable" } },
    ["fault: the link of ens1 VF 2 is set to disable | ip link set dev ens1 vf 2 state auto"],
  ],
  [
    "another sender is checked",
    { settings: { ...RESET, mac: "02:00:00:00:00:07" } },
    [
      `fault: ens1 VF 2 may send from 02:00:00:00:00:07, and the pod's is ${MAC}: the card drops the frame | ip link set dev ens1 vf 2 mac ${MAC}`,
    ],
  ],
  [
    "nothing is known",
    { settings: undefined },
    ["warning: it is ens1 VF 2, of which the driver shows no settings"],
  ],
] as const)("judgeVf() says so when %s", ([, change, wanted]) => {
  expect(judgeVf({ ...VF, ...change }).map(said)).toEqual(wanted);
});

test.for([
  [120, "ok: the card hands it to ens1 VF 3"],
  [130, "fault: ens1 VF 3 is in VLAN 130, not 120 | give both pods the same network"],
] as const)("judgeMeeting() lets functions of a card meet when the other's VLAN is %i", ([vlan, wanted]) => {
  expect(said(judgeMeeting({ ...RESET, vlan: 120 }, { ...RESET, vlan }, "ens1 VF 3"))).toBe(wanted);
});

test("walk() ends at the first hop that stops the packet, and looks up nothing behind it", () => {
  const legs = [
    [passes("a", "1"), warns("b", "2")],
    [stops("c", "3", "do"), passes("d", "4")],
  ];
  let asked = 0;
  const leg = (): ReturnType<Parameters<typeof walk>[0]> => ({ hops: legs[asked++] ?? [], next: leg });
  const { hops, outcome } = walk(leg);
  expect([hops.map(({ at }) => at), outcome, asked]).toEqual([["a", "b", "c"], "stopped", 2]);
});

test("walk() gives the end of the last leg when nothing stops the packet", () => {
  expect(walk(() => ({ hops: [], next: () => ({ hops: [passes("a", "1")], end: "arrives" }) })).outcome).toBe(
    "arrives",
  );
});
