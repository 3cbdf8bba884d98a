/** Replies that the kernel gave to `ip`: links with everything on them, dumps, and refusals. */

import { expect, test } from "vitest";
import { formatAddress } from "../../src/addr/address.ts";
import { decodeAcknowledgement, decodeMessages, NLM_F, NLMSG } from "../../src/netlink/codec/message.ts";
import { readPayload } from "../../src/netlink/codec/type.ts";
import { addressMessage } from "../../src/netlink/route/address.ts";
import { BRIDGE_VLAN_INFO, bridgeVlanMessage } from "../../src/netlink/route/bridge-vlan.ts";
import { ETH_P_8021AD } from "../../src/netlink/route/if-ether.ts";
import { IF_OPER, IFF, linkFacts, linkMessage } from "../../src/netlink/route/link.ts";
import { NUD, neighbourMessage } from "../../src/netlink/route/neighbour.ts";
import { rtnetlink } from "../../src/netlink/route/protocol.ts";
import { RTN, routeMessage } from "../../src/netlink/route/route.ts";
import { TC_H, trafficControlMessage } from "../../src/netlink/route/traffic-control.ts";
import { VF_LINK_STATE } from "../../src/netlink/route/vf.ts";
import { readGolden } from "../support/netlink/golden.ts";

const NLM_F_MULTI = 2;

/** Payloads of all messages of one type in a golden file. */
function payloads(name: string, message: keyof typeof rtnetlink.messages): Uint8Array[] {
  const [type] = rtnetlink.messages[message];
  return decodeMessages(readGolden(name))
    .filter((entry) => entry.type === type)
    .map((entry) => entry.payload);
}

function readLink(name: string) {
  const [payload] = payloads(name, "RTM_NEWLINK");
  return readPayload(linkMessage, payload ?? new Uint8Array(0));
}

test("linkMessage reads a bridge when the kernel shows all of it", () => {
  const link = readLink("reply-link-bridge");
  expect(link).toMatchObject({
    ifi_index: 2,
    ifi_type: 1,
    IFLA_IFNAME: "br0",
    IFLA_MTU: 1450,
    IFLA_ADDRESS: "02:00:00:00:00:01",
    IFLA_OPERSTATE: IF_OPER.UP,
    IFLA_PROMISCUITY: 0,
    IFLA_TXQLEN: 1000,
    IFLA_LINKINFO: {
      IFLA_INFO_KIND: "bridge",
      IFLA_INFO_DATA: { IFLA_BR_AGEING_TIME: 3000, IFLA_BR_STP_STATE: 0, IFLA_BR_VLAN_FILTERING: 0 },
    },
  });
  expect((link.ifi_flags ?? 0) & (IFF.UP | IFF.PROMISC | IFF.LOOPBACK)).toBe(IFF.UP);
});

test("linkMessage reads a port when its peer is in another namespace", () => {
  const link = readLink("reply-link-veth-port");
  expect(link).toMatchObject({
    ifi_index: 3,
    IFLA_IFNAME: "v0",
    IFLA_MTU: 1450,
    IFLA_ADDRESS: "02:00:00:00:00:02",
    IFLA_MASTER: 2,
    IFLA_LINK: 2,
    IFLA_LINK_NETNSID: 0,
    IFLA_IFALIAS: "podwire mynet/c1/eth0",
    IFLA_PROMISCUITY: 1,
    IFLA_LINKINFO: {
      IFLA_INFO_KIND: "veth",
      IFLA_INFO_SLAVE_KIND: "bridge",
      IFLA_INFO_SLAVE_DATA: { IFLA_BRPORT_STATE: 3, IFLA_BRPORT_MODE: 1, IFLA_BRPORT_ISOLATED: 1 },
    },
    IFLA_AF_SPEC: { AF_INET6: { IFLA_INET6_ADDR_GEN_MODE: 0 } },
  });
});

test.for(["reply-link-bridge", "reply-link-veth-port"])(
  "linkMessage keeps every byte that it does not know when it reads and writes %s",
  (name) => {
    const [payload = new Uint8Array(0)] = payloads(name, "RTM_NEWLINK");
    const link = readPayload(linkMessage, payload);
    const written = linkMessage.write(link, {});
    expect(readPayload(linkMessage, written)).toEqual(link);
    expect(sortedAttributes(written).filter((hex) => !isKnownText(hex))).toEqual(
      sortedAttributes(payload).filter((hex) => !isKnownText(hex)),
    );
  },
);

/** Each top-level attribute as hex, in the order of numbers, without the kernel's flag for nests. */
function sortedAttributes(payload: Uint8Array): string[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const found: string[] = [];
  for (let offset = 16; offset < payload.length; offset += (view.getUint16(offset, true) + 3) & ~3) {
    const id = view.getUint16(offset + 2, true) & 0x3fff;
    const body = payload.subarray(offset + 4, offset + view.getUint16(offset, true));
    found.push(`${String(id).padStart(3, "0")} ${body.toHex()}`);
  }
  return found.toSorted();
}

/** The nests that we read ourselves: what is unknown inside them moves to their end. */
function isKnownText(hex: string): boolean {
  return ["018", "026"].includes(hex.slice(0, 3));
}

test("addressMessage reads all addresses when the kernel lists both families", () => {
  const addresses = payloads("reply-addresses", "RTM_NEWADDR").map((payload) =>
    readPayload(addressMessage, payload),
  );
  const text = addresses.map(({ IFA_ADDRESS, IFA_LOCAL = IFA_ADDRESS, ...rest }) => [
    IFA_LOCAL === undefined ? "" : formatAddress(IFA_LOCAL),
    rest.ifa_prefixlen,
    rest.ifa_index,
    rest.IFA_FLAGS,
    rest.IFA_LABEL,
    rest.IFA_BROADCAST === undefined ? undefined : formatAddress(rest.IFA_BROADCAST),
  ]);
  expect(text).toEqual([
    ["127.0.0.1", 8, 1, 0x80, "lo", undefined],
    ["10.1.0.1", 16, 2, 0x80, "br0", "10.1.255.255"],
    ["::1", 128, 1, 0x80, undefined, undefined],
    ["fd00::1", 64, 2, 0x82, undefined, undefined],
    ["fe80::ff:fe00:1", 64, 2, 0xc0, undefined, undefined],
    ["fe80::ff:fe00:2", 64, 3, 0xc0, undefined, undefined],
  ]);
});

function routesOf(name: string) {
  return payloads(name, "RTM_NEWROUTE").map((payload) => {
    const route = readPayload(routeMessage, payload);
    const text = (value: typeof route.RTA_DST) => (value === undefined ? "" : formatAddress(value));
    const { rtm_dst_len, rtm_scope, RTA_TABLE, RTA_PRIORITY, RTA_METRICS, RTA_OIF } = route;
    const dst = `${text(route.RTA_DST)}/${rtm_dst_len}`;
    return {
      dst,
      gateway: text(route.RTA_GATEWAY),
      rtm_scope,
      RTA_TABLE,
      RTA_PRIORITY,
      RTA_METRICS,
      RTA_OIF,
    };
  });
}

test("routeMessage reads mtu, advmss, metric and table when the kernel lists IPv4 routes", () => {
  const routes = routesOf("reply-routes-ipv4");
  expect(routes).toHaveLength(8);
  expect(routes[0]).toEqual({
    dst: "10.9.0.0/24",
    gateway: "10.1.0.7",
    rtm_scope: 0,
    RTA_TABLE: 300,
    RTA_PRIORITY: 50,
    RTA_METRICS: { RTAX_MTU: 1400, RTAX_ADVMSS: 1360 },
    RTA_OIF: 2,
  });
  expect(routes[2]).toMatchObject({ dst: "10.8.0.0/16", gateway: "", rtm_scope: 253, RTA_TABLE: 254 });
});

test("routeMessage reads a default route when the kernel lists IPv6 routes", () => {
  const routes = routesOf("reply-routes-ipv6");
  expect(routes).toHaveLength(8);
  expect(routes[3]).toMatchObject({ dst: "/0", gateway: "fd00::2", RTA_TABLE: 254, RTA_PRIORITY: 7 });
});

test("neighbourMessage reads addresses when the kernel lists neighbours", () => {
  const neighbours = payloads("reply-neighbours", "RTM_NEWNEIGH").map((payload) =>
    readPayload(neighbourMessage, payload),
  );
  const text = neighbours.map(({ NDA_DST, NDA_LLADDR, ndm_ifindex, ndm_state }) => [
    NDA_DST === undefined ? "" : formatAddress(NDA_DST),
    NDA_LLADDR,
    ndm_ifindex,
    ndm_state,
  ]);
  expect(text).toEqual([
    ["10.1.0.9", "02:00:00:00:00:09", 2, 0x80],
    ["224.0.0.22", "01:00:5e:00:00:16", 2, 0x40],
    ["ff02::16", "33:33:00:00:00:16", 2, 0x40],
  ]);
});

test("routeMessage reads sender and interface when the kernel answers a lookup", () => {
  const [payload = new Uint8Array(0)] = payloads("reply-route", "RTM_NEWROUTE");
  const { RTA_SRC, RTA_GATEWAY, ...route } = readPayload(routeMessage, payload);
  expect([RTA_SRC, RTA_GATEWAY].map((value) => value && formatAddress(value))).toEqual([
    "10.1.0.5",
    "10.1.0.7",
  ]);
  expect(route).toMatchObject({ rtm_type: RTN.UNICAST, RTA_IIF: 2, RTA_OIF: 2, RTA_TABLE: 300 });
});

test("neighbourMessage reads the bridge of each entry when the kernel lists its MAC addresses", () => {
  const entries = payloads("reply-fdb", "RTM_NEWNEIGH").map((payload) =>
    readPayload(neighbourMessage, payload),
  );
  const ofBridge = entries.filter(({ NDA_MASTER }) => NDA_MASTER !== undefined);
  expect(ofBridge.map((entry) => [entry.NDA_LLADDR, entry.ndm_ifindex, entry.ndm_state])).toEqual([
    ["02:00:00:00:00:01", 2, NUD.PERMANENT],
    ["02:00:00:00:00:09", 4, NUD.NOARP],
    ["ca:d9:7d:af:42:f2", 4, NUD.REACHABLE],
    ["02:00:00:00:00:02", 4, NUD.PERMANENT],
  ]);
  expect(entries.length).toBe(12);
});

test("trafficControlMessage reads rates of classes when the kernel lists some beyond 32 bits", () => {
  const classes = payloads("reply-tclasses", "RTM_NEWTCLASS").map((payload) => {
    const { tcm_handle, tcm_parent, TCA_OPTIONS: options } = readPayload(trafficControlMessage, payload);
    const { "rate.rate": rate, "ceil.rate": ceil, quantum } = options?.TCA_HTB_PARMS ?? {};
    const { TCA_HTB_RATE64, TCA_HTB_CEIL64 } = options ?? {};
    return { tcm_handle, tcm_parent, rate, ceil, quantum, TCA_HTB_RATE64, TCA_HTB_CEIL64 };
  });
  expect(classes).toEqual([
    {
      tcm_handle: 0x7077_0001,
      tcm_parent: TC_H.ROOT,
      rate: 0xffff_ffff,
      ceil: 0xffff_ffff,
      quantum: 60_000,
      TCA_HTB_RATE64: 12_500_000_000,
      TCA_HTB_CEIL64: 12_500_000_000,
    },
    {
      tcm_handle: 0x7077_00a0,
      tcm_parent: 0x7077_0001,
      rate: 15_625_000,
      ceil: 0xffff_ffff,
      quantum: 15_000,
      TCA_HTB_RATE64: undefined,
      TCA_HTB_CEIL64: 12_500_000_000,
    },
  ]);
});

test("bridgeVlanMessage reads every VLAN of a port when the kernel lists ranges", () => {
  const [port, bridge] = payloads("reply-bridge-vlans", "RTM_NEWVLAN").map((payload) =>
    readPayload(bridgeVlanMessage, payload),
  );
  const { PVID, UNTAGGED } = BRIDGE_VLAN_INFO;
  const entries = port?.BRIDGE_VLANDB_ENTRY?.map(({ unknown: _, ...entry }) => entry);
  expect([port?.ifindex, entries]).toEqual([
    5,
    [
      { BRIDGE_VLANDB_ENTRY_INFO: { flags: PVID | UNTAGGED, vid: 100 } },
      { BRIDGE_VLANDB_ENTRY_INFO: { flags: 0, vid: 200 }, BRIDGE_VLANDB_ENTRY_RANGE: 210 },
      { BRIDGE_VLANDB_ENTRY_INFO: { flags: UNTAGGED, vid: 300 } },
    ],
  ]);
  expect(bridge).toMatchObject({ ifindex: 6, BRIDGE_VLANDB_ENTRY: [{}] });
});

test("linkMessage reads every setting of VFs when a physical function shows them", () => {
  const link = readLink("reply-link-vfs");
  expect(link).toMatchObject({
    IFLA_IFNAME: "sim0",
    IFLA_PARENT_DEV_NAME: "netdevsim7",
    IFLA_NUM_VF: 2,
    IFLA_VFINFO_LIST: [
      { IFLA_VF_VLAN: { vf: 0, vlan: 7, qos: 0 } },
      {
        IFLA_VF_MAC: { vf: 1, mac: "02:00:00:00:00:05" },
        IFLA_VF_VLAN: { vf: 1, vlan: 120, qos: 5 },
        IFLA_VF_SPOOFCHK: { vf: 1, setting: 1 },
        IFLA_VF_LINK_STATE: { vf: 1, link_state: VF_LINK_STATE.DISABLE },
        IFLA_VF_RATE: { vf: 1, min_tx_rate: 100, max_tx_rate: 500 },
        IFLA_VF_RSS_QUERY_EN: { vf: 1, setting: 1 },
        IFLA_VF_TRUST: { vf: 1, setting: 1 },
        IFLA_VF_VLAN_LIST: [{ vf: 1, vlan: 120, qos: 5, vlan_proto: ETH_P_8021AD, __pad: 0 }],
      },
    ],
  });
  expect(link.IFLA_VFINFO_LIST?.length).toBe(2);
});

test.for(["reply-addresses", "reply-routes-ipv4", "reply-routes-ipv6", "reply-neighbours"])(
  "decodeMessages() finds the end of the list when it reads %s",
  (name) => {
    const messages = decodeMessages(readGolden(name));
    expect(messages.at(-1)).toMatchObject({ type: NLMSG.DONE, flags: NLM_F_MULTI });
    expect(messages.slice(0, -1).every(({ flags }) => (flags & NLM_F_MULTI) !== 0)).toBe(true);
  },
);

test.for([
  ["reply-error-exists", { errno: 17 }],
  ["reply-error-extack", { errno: 101, text: "Nexthop has invalid gateway" }],
  ["reply-error-kind", { errno: 95, text: "Unknown device type" }],
  ["reply-error-mtu", { errno: 22, text: "mtu less than device minimum" }],
  ["reply-error-policy", { errno: 34, text: "integer out of range", offset: 16 }],
] as const)(
  "decodeAcknowledgement() reads errno, text and offset when the kernel refuses as in %s",
  ([name, wanted]) => {
    const [message] = decodeMessages(readGolden(name));
    expect(message?.type).toBe(NLMSG.ERROR);
    expect(message === undefined ? undefined : decodeAcknowledgement(message)).toEqual(wanted);
  },
);

test("linkMessage.locate() names the attribute when the kernel gave its offset in an echoed request", () => {
  const [message] = decodeMessages(readGolden("reply-error-policy"));
  const echoed = message?.payload.slice(4 + 16) ?? new Uint8Array(0);
  const { offset = 0 } = message === undefined ? {} : decodeAcknowledgement(message);
  expect((message?.flags ?? 0) & NLM_F.CAPPED).toBe(0);
  expect(linkMessage.locate?.(echoed, offset, {})).toEqual(["attribute 41"]); // IFLA_GSO_MAX_SIZE
});

test.for(["reply-link-bridge", "reply-link-veth-port"])(
  "linkFacts agrees with linkMessage when it reads %s",
  (name) => {
    const [payload] = payloads(name, "RTM_NEWLINK");
    const facts = readPayload(linkFacts, payload ?? new Uint8Array(0));
    const whole = readLink(name);
    expect(Object.keys(facts).length).toBeGreaterThan(10);
    expect(whole).toMatchObject(facts);
    expect(facts).not.toHaveProperty("unknown");
  },
);
