/** Comparisons: what the reference plugins refuse, and the code of the specification that podwire refuses it with. */

import type { Case } from "./case.ts";

/** A case whose last ADD fails; those before it, if any, succeed. */
export interface FailingCase extends Case {
  /** podwire's error code; the reference has 999 for nearly all. */
  readonly code: number;
  /** What podwire's message and details name. */
  readonly names: string;
}

const A = { subnet: "10.1.0.0/24" };

function hostLocal(...sets: readonly (readonly object[])[]): object {
  return { type: "host-local", ranges: sets };
}

const INVALID = 7;
const BAD_ENVIRONMENT = 4;
const TRY_AGAIN = 11;
const EXISTS = 100;

const SMALL = hostLocal([{ subnet: "10.1.0.0/30" }]);

const RANGES: readonly FailingCase[] = [
  { name: "no range", conf: { ipam: { type: "host-local" } }, code: INVALID, names: "ipam" },
  { name: "an empty range set", conf: { ipam: hostLocal([]) }, code: INVALID, names: "range set 0" },
  {
    name: "host bits in the subnet",
    conf: { ipam: hostLocal([{ subnet: "10.1.0.9/24" }]) },
    code: INVALID,
    names: "10.1.0.0/24",
  },
  {
    name: "host bits in an IPv6 subnet",
    conf: { ipam: hostLocal([{ subnet: "fd00::9/64" }]) },
    code: INVALID,
    names: "fd00::/64",
  },
  {
    name: "a /31",
    conf: { ipam: hostLocal([{ subnet: "10.1.0.0/31" }]) },
    code: INVALID,
    names: "10.1.0.0/31",
  },
  {
    name: "a /32",
    conf: { ipam: hostLocal([{ subnet: "10.1.0.1/32" }]) },
    code: INVALID,
    names: "10.1.0.1/32",
  },
  {
    name: "a /127",
    conf: { ipam: hostLocal([{ subnet: "fd00::/127" }]) },
    code: INVALID,
    names: "fd00::/127",
  },
  {
    name: "a subnet that is none",
    conf: { ipam: hostLocal([{ subnet: "10.1.0.0" }]) },
    code: INVALID,
    names: "ipam.ranges[0][0].subnet",
  },
  {
    name: "a missing subnet",
    conf: { ipam: hostLocal([{ rangeStart: "10.1.0.5" }]) },
    code: INVALID,
    names: "ipam.ranges[0][0].subnet",
  },
  {
    name: "a rangeStart outside",
    conf: { ipam: hostLocal([{ ...A, rangeStart: "10.1.1.5" }]) },
    code: INVALID,
    names: "10.1.1.5",
  },
  {
    name: "a rangeEnd outside",
    conf: { ipam: hostLocal([{ ...A, rangeEnd: "10.1.1.5" }]) },
    code: INVALID,
    names: "10.1.1.5",
  },
  {
    name: "a rangeEnd before rangeStart",
    conf: { ipam: hostLocal([{ ...A, rangeStart: "10.1.0.9", rangeEnd: "10.1.0.5" }]) },
    code: INVALID,
    names: "10.1.0.9",
  },
  {
    name: "overlapping ranges in one set",
    conf: { ipam: hostLocal([A, { subnet: "10.1.0.128/25" }]) },
    code: INVALID,
    names: "overlap",
  },
  {
    name: "overlapping range sets",
    conf: { ipam: hostLocal([A], [{ subnet: "10.1.0.0/16" }]) },
    code: INVALID,
    names: "overlap",
  },
  {
    name: "mixed families in one set",
    conf: { ipam: hostLocal([A, { subnet: "fd00::/64" }]) },
    code: INVALID,
    names: "range set 0",
  },
  {
    name: "two IPv4 sets at version 0.2.0",
    conf: { cniVersion: "0.2.0", ipam: hostLocal([A], [{ subnet: "10.2.0.0/24" }]) },
    code: INVALID,
    names: "0.2.0",
  },
  {
    name: "an unreadable resolvConf",
    conf: { ipam: { ...A, type: "host-local", resolvConf: "/run/none" } },
    code: 5,
    names: "/run/none",
  },
  {
    name: "a route whose dst is none",
    conf: { ipam: { ...A, type: "host-local", routes: [{ dst: "x" }] } },
    code: INVALID,
    names: "ipam.routes[0].dst",
  },
];

const ADDRESSES: readonly FailingCase[] = [
  {
    name: "an exhausted IPv4 pool",
    conf: { ipam: SMALL },
    asks: [{}, {}],
    code: TRY_AGAIN,
    names: "10.1.0.1-10.1.0.2",
  },
  {
    name: "an exhausted IPv6 pool",
    conf: { ipam: hostLocal([{ subnet: "fd00::/126" }]) },
    asks: [{}, {}, {}],
    code: TRY_AGAIN,
    names: "fd00::1-fd00::3",
  },
  {
    name: "an exhausted second set",
    conf: { ipam: hostLocal([A], [{ subnet: "10.2.0.0/30" }]) },
    asks: [{}, {}],
    code: TRY_AGAIN,
    names: "10.2.0.1-10.2.0.2",
  },
  {
    name: "a request for the gateway",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ips: ["10.1.0.1"] } },
    code: INVALID,
    names: "10.1.0.1",
  },
  {
    name: "a request outside of all ranges",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ips: ["10.9.0.1"] } },
    code: INVALID,
    names: "10.9.0.1",
  },
  {
    name: "two requests for one set",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ips: ["10.1.0.5", "10.1.0.6"] } },
    code: INVALID,
    names: "10.1.0.6",
  },
  {
    name: "a request for a taken address",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ips: ["10.1.0.5"] } },
    asks: [{}, {}],
    code: TRY_AGAIN,
    names: "10.1.0.5",
  },
  {
    name: "a request that is no address",
    conf: { ipam: hostLocal([A]), args: { cni: { ips: ["here"] } } },
    code: INVALID,
    names: "args.cni.ips[0]",
  },
  {
    name: "unknown CNI_ARGS",
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: "COLOUR=red" }],
    code: BAD_ENVIRONMENT,
    names: "COLOUR",
  },
  {
    name: "CNI_ARGS that are no pair",
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: "IgnoreUnknown" }],
    code: BAD_ENVIRONMENT,
    names: "IgnoreUnknown",
  },
];

const BRIDGES: readonly FailingCase[] = [
  {
    name: "hairpinMode and promiscMode",
    conf: { hairpinMode: true, promiscMode: true, ipam: hostLocal([A]) },
    code: INVALID,
    names: "promiscMode",
  },
  {
    name: "disableContainerInterface with addresses",
    conf: { disableContainerInterface: true, ipam: hostLocal([A]) },
    code: INVALID,
    names: "disableContainerInterface",
    newestOnly: true,
  },
  {
    name: "a MAC that is none",
    conf: { ipam: hostLocal([A]), runtimeConfig: { mac: "zz" } },
    code: INVALID,
    names: "runtimeConfig.mac",
  },
  {
    name: "a version that does not exist",
    conf: { cniVersion: "0.5.0", ipam: hostLocal([A]) },
    code: 1,
    names: "0.5.0",
  },
  { name: "layer 2 at version 0.2.0", conf: { cniVersion: "0.2.0" }, code: INVALID, names: "0.2.0" },
  {
    name: "a number where text belongs",
    conf: { bridge: 5, ipam: hostLocal([A]) },
    code: INVALID,
    names: "bridge",
  },
  {
    name: "text where a number belongs",
    conf: { mtu: "1400", ipam: hostLocal([A]) },
    code: INVALID,
    names: "mtu",
  },
  {
    name: "an interface name with a slash",
    conf: { ipam: hostLocal([A]) },
    asks: [{ ifname: "et/h0" }],
    code: BAD_ENVIRONMENT,
    names: "CNI_IFNAME",
  },
  {
    name: "an interface name of 16 bytes",
    conf: { ipam: hostLocal([A]) },
    asks: [{ ifname: "sixteencharacter" }],
    code: BAD_ENVIRONMENT,
    names: "CNI_IFNAME",
  },
  {
    name: "an interface that is no bridge",
    conf: { ipam: hostLocal([A]) },
    before: "ip link add cni0 type veth peer name other0",
    code: EXISTS,
    names: "cni0",
  },
  {
    name: "another address on the bridge",
    conf: { isGateway: true, ipam: hostLocal([A]) },
    before: "ip link add cni0 type bridge && ip address add 10.9.0.1/24 dev cni0 && ip link set cni0 up",
    code: EXISTS,
    names: "10.9.0.1/24",
  },
  {
    name: "an overlapping IPv6 address on the bridge",
    conf: { isGateway: true, ipam: hostLocal([{ subnet: "fd00::/64" }]) },
    before: "ip link add cni0 type bridge && ip address add fd00::9/48 dev cni0 && ip link set cni0 up",
    code: EXISTS,
    names: "fd00::9/48",
  },
  {
    name: "the same attachment twice",
    conf: { ipam: hostLocal([A]) },
    asks: [{ pod: "pod1" }, { pod: "pod1" }],
    code: EXISTS,
    names: "eth0",
  },
];

export const FAILING_CASES: readonly FailingCase[] = [...RANGES, ...ADDRESSES, ...BRIDGES];
