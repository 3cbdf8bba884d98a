/** Comparisons: each field of the bridge, and each CNI version. */

import type { Case } from "./case.ts";

const V4 = { type: "host-local", subnet: "10.1.0.0/24" };
const V6 = { type: "host-local", subnet: "fd00:1::/64" };
const DUAL = { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24" }], [{ subnet: "fd00:1::/64" }]] };
const DEFAULT_ROUTES = { routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }] };

/** The plainest configurations: what differs in them follows from no field. */
export const PLAIN: readonly Case[] = [
  { name: "a bridge without any field", conf: { ipam: V4 } },
  {
    name: "a bridge without any field, over both families",
    conf: { cniVersion: "1.1.0", ipam: DUAL },
    newestOnly: true,
  },
  { name: "a bridge without any field, over IPv6", conf: { ipam: V6 } },
];

const FIELDS: readonly Case[] = [
  ...PLAIN,
  { name: "bridge", conf: { bridge: "br-pods", ipam: V4 } },
  { name: "isGateway over IPv4", conf: { isGateway: true, ipam: V4 } },
  { name: "isGateway over IPv6", conf: { isGateway: true, ipam: V6 } },
  { name: "isGateway over both families", conf: { isGateway: true, ipam: DUAL } },
  { name: "isDefaultGateway over IPv4", conf: { isDefaultGateway: true, ipam: V4 } },
  { name: "isDefaultGateway over IPv6", conf: { isDefaultGateway: true, ipam: V6 } },
  { name: "isDefaultGateway over both families", conf: { isDefaultGateway: true, ipam: DUAL } },
  { name: "mtu", conf: { mtu: 1400, isGateway: true, ipam: V4 } },
  { name: "mtu 9000", conf: { mtu: 9000, ipam: V4 } },
  { name: "hairpinMode", conf: { hairpinMode: true, ipam: V4 } },
  { name: "promiscMode", conf: { promiscMode: true, ipam: V4 } },
  { name: "portIsolation", conf: { portIsolation: true, ipam: V4 }, newestOnly: true },
  { name: "enabledad", conf: { enabledad: true, ipam: DUAL }, newestOnly: true },
  { name: "layer 2 only", conf: {}, differences: ["old-check-layer-2"] },
  {
    name: "disableContainerInterface",
    conf: { disableContainerInterface: true },
    differences: ["port-without-carrier"],
    newestOnly: true,
  },
  {
    name: "forceAddress on a bridge with another address",
    conf: { isGateway: true, forceAddress: true, ipam: V4 },
    before: "ip link add cni0 type bridge && ip address add 10.9.0.1/24 dev cni0 && ip link set cni0 up",
  },
  {
    name: "a bridge that is there already",
    conf: { isGateway: true, ipam: V4 },
    before: "ip link add cni0 address 02:00:00:00:00:42 mtu 1300 type bridge",
  },
  {
    name: "a bridge that has the gateway address already",
    conf: { isGateway: true, ipam: V4 },
    before: "ip link add cni0 type bridge && ip address add 10.1.0.1/24 dev cni0 && ip link set cni0 up",
  },
  {
    name: "a node with a default route",
    conf: { ipam: V4 },
    before:
      "ip link add up0 mtu 1450 type veth peer name up1 && ip link set up0 up && ip link set up1 up && ip address add 192.0.2.2/24 dev up0 && ip route add default via 192.0.2.1",
    differences: ["mtu-of-default-route"],
  },
  { name: "three pods", conf: { isGateway: true, ipam: DUAL }, asks: [{}, {}, {}] },
  {
    name: "two interfaces of one pod",
    conf: { ipam: V4 },
    asks: [
      { pod: "pod1" },
      { pod: "pod1", ifname: "net1", conf: { name: "other", bridge: "br1", ipam: V6 } },
    ],
  },
  {
    name: "keys in other case",
    conf: { ISGATEWAY: true, Mtu: 1400, IPAM: { Type: "host-local", SUBNET: "10.1.0.0/24" } },
  },
];

const VERSIONS: readonly Case[] = ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"].map(
  (cniVersion) => ({
    name: `version ${cniVersion}`,
    conf: { cniVersion, isGateway: true, ipam: { ...DUAL, ...DEFAULT_ROUTES } },
    ...(cniVersion === "1.1.0" ? { newestOnly: true } : {}),
  }),
);

const RESOLVERS: readonly Case[] = [
  {
    name: "dns of the configuration",
    conf: {
      ipam: V4,
      dns: {
        nameservers: ["10.1.0.1"],
        domain: "a.test",
        search: ["a.test", "b.test"],
        options: ["ndots:5"],
      },
    },
  },
  {
    name: "dns by resolvConf",
    conf: { ipam: { ...V4, resolvConf: "/run/resolv.conf" } },
    before:
      "printf '# c\\n; d\\nnameserver 10.1.0.53\\nnameserver fd00::53\\ndomain x.test\\ndomain y.test\\nsearch a.test b.test\\nsearch c.test\\noptions ndots:2 rotate\\nsortlist 10.0.0.0\\n' > /run/resolv.conf",
    differences: ["old-resolv-conf"],
  },
  {
    name: "dns of the configuration before resolvConf's",
    conf: { ipam: { ...V4, resolvConf: "/run/resolv.conf" }, dns: { search: ["only.test"] } },
    before: "echo nameserver 10.1.0.53 > /run/resolv.conf",
  },
  {
    name: "an empty resolvConf",
    conf: { cniVersion: "0.4.0", ipam: { ...V4, resolvConf: "/run/resolv.conf" } },
    before: ": > /run/resolv.conf",
  },
];

export const BRIDGE_CASES: readonly Case[] = [...FIELDS, ...VERSIONS, ...RESOLVERS];
