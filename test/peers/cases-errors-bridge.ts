/** Comparisons: configurations of bridges, names and versions that the reference plugins refuse. */

import type { FailingCase } from "./case.ts";

const IPAM = { type: "host-local", ranges: [[{ subnet: "10.1.0.0/24" }]] };

const INVALID = 7;
const BAD_ENVIRONMENT = 4;
const EXISTS = 100;

export const FAILING_BRIDGES: readonly FailingCase[] = [
  {
    name: "hairpinMode and promiscMode",
    conf: { hairpinMode: true, promiscMode: true, ipam: IPAM },
    code: INVALID,
    names: "promiscMode",
  },
  {
    name: "disableContainerInterface with addresses",
    conf: { disableContainerInterface: true, ipam: IPAM },
    code: INVALID,
    names: "disableContainerInterface",
    newestOnly: true,
  },
  {
    name: "a MAC that is none",
    conf: { ipam: IPAM, runtimeConfig: { mac: "zz" } },
    code: INVALID,
    names: "runtimeConfig.mac",
  },
  {
    name: "a version that does not exist",
    conf: { cniVersion: "0.5.0", ipam: IPAM },
    code: 1,
    names: "0.5.0",
  },
  { name: "layer 2 at version 0.2.0", conf: { cniVersion: "0.2.0" }, code: INVALID, names: "0.2.0" },
  {
    name: "a number where text belongs",
    conf: { bridge: 5, ipam: IPAM },
    code: INVALID,
    names: "bridge",
  },
  {
    name: "text where a number belongs",
    conf: { mtu: "1400", ipam: IPAM },
    code: INVALID,
    names: "mtu",
  },
  {
    name: "an interface name with a slash",
    conf: { ipam: IPAM },
    asks: [{ ifname: "et/h0" }],
    code: BAD_ENVIRONMENT,
    names: "CNI_IFNAME",
  },
  {
    name: "an interface name of 16 bytes",
    conf: { ipam: IPAM },
    asks: [{ ifname: "sixteencharacter" }],
    code: BAD_ENVIRONMENT,
    names: "CNI_IFNAME",
  },
  {
    name: "an interface that is no bridge",
    conf: { ipam: IPAM },
    before: "ip link add cni0 type veth peer name other0",
    code: EXISTS,
    names: "cni0",
  },
  {
    name: "another address on the bridge",
    conf: { isGateway: true, ipam: IPAM },
    before: "ip link add cni0 type bridge && ip address add 10.9.0.1/24 dev cni0 && ip link set cni0 up",
    code: EXISTS,
    names: "10.9.0.1/24",
  },
  {
    name: "an overlapping IPv6 address on the bridge",
    conf: { isGateway: true, ipam: { type: "host-local", subnet: "fd00::/64" } },
    before: "ip link add cni0 type bridge && ip address add fd00::9/48 dev cni0 && ip link set cni0 up",
    code: EXISTS,
    names: "fd00::9/48",
  },
  {
    name: "the same attachment twice",
    conf: { ipam: IPAM },
    asks: [{ pod: "pod1" }, { pod: "pod1" }],
    code: EXISTS,
    names: "eth0",
  },
];
