/** Comparisons of traffic: masquerade, and each field of host ports. */

import { NODE4, NODE6 } from "../support/traffic/traffic-world.ts";
import type { TrafficCase } from "./traffic-case.ts";

const WEB = { hostPort: 8080, containerPort: 80, protocol: "tcp" } as const;
const V4 = { type: "host-local", subnet: "10.1.0.0/16" };
const V6 = { type: "host-local", subnet: "fd00:1::/64" };
const TWO_ADDRESSES = {
  type: "host-local",
  ranges: [
    [{ subnet: "10.1.0.0/16", rangeEnd: "10.1.0.255" }],
    [{ subnet: "10.1.0.0/16", rangeStart: "10.1.1.1" }],
    [{ subnet: "fd00:1::/64" }],
  ],
};

const MASQUERADE: readonly TrafficCase[] = [
  { name: "masquerade and a host port", portMappings: [WEB] },
  {
    name: "masquerade and a host port, with br_netfilter",
    portMappings: [WEB],
    brNetfilter: true,
    differences: ["bridged-source"],
  },
  { name: "no masquerade", bridge: { ipMasq: false }, portMappings: [WEB] },
  { name: "no host port", portMappings: [] },
  { name: "IPv4 alone", bridge: { ipam: V4 }, portMappings: [WEB] },
  { name: "IPv6 alone", bridge: { ipam: V6 }, portMappings: [WEB] },
  { name: "two IPv4 addresses", bridge: { ipam: TWO_ADDRESSES }, portMappings: [WEB] },
  { name: "hairpinMode", bridge: { hairpinMode: true }, portMappings: [WEB] },
  {
    name: "hairpinMode, with br_netfilter",
    bridge: { hairpinMode: true },
    portMappings: [WEB],
    brNetfilter: true,
    differences: ["bridged-source"],
  },
];

const HOST_IPS: readonly TrafficCase[] = ["", "0.0.0.0", "::", NODE4, NODE6, "127.0.0.1", "198.51.100.9"].map(
  (hostIP) => ({ name: `hostIP "${hostIP}"`, portMappings: [{ ...WEB, hostIP }] }),
);

const FIELDS: readonly TrafficCase[] = [
  {
    name: "snat false",
    portmap: { snat: false },
    portMappings: [WEB],
    differences: ["same-bridge-answers"],
  },
  {
    name: "snat false, with br_netfilter",
    bridge: { hairpinMode: true },
    portmap: { snat: false },
    portMappings: [WEB],
    brNetfilter: true,
  },
  {
    name: "masqAll",
    portmap: { masqAll: true },
    portMappings: [WEB],
    differences: ["masquerade-all"],
  },
  {
    name: "UDP",
    portMappings: [{ hostPort: 8053, containerPort: 5353, protocol: "udp" }],
    targets: ["udp 8053"],
  },
  {
    name: "SCTP",
    portMappings: [{ hostPort: 3868, containerPort: 36412, protocol: "sctp" }],
    targets: ["sctp 3868"],
  },
  {
    name: "TCP and UDP at one number",
    portMappings: [WEB, { hostPort: 8080, containerPort: 5353, protocol: "udp" }],
    targets: ["tcp 8080", "udp 8080"],
  },
  {
    name: "twenty host ports",
    portMappings: Array.from({ length: 20 }, (_, index) => ({ ...WEB, hostPort: 8061 + index })),
    targets: ["tcp 8061", "tcp 8080"],
  },
  {
    name: "a host port of one address beside one of all",
    portMappings: [
      { hostPort: 8080, containerPort: 5353, protocol: "udp", hostIP: NODE4 },
      { hostPort: 8081, containerPort: 80, protocol: "tcp" },
    ],
    targets: ["udp 8080", "tcp 8081"],
  },
  { name: "a second network with the host port", ifname: "net1", portMappings: [WEB] },
];

interface Mapping {
  readonly hostIP?: string;
  readonly protocol?: string;
}

/** True where a host port is of all the node's IPv6 addresses, loopback too; nobody translates SCTP there. */
function isOnIpv6Loopback({ bridge, portMappings }: TrafficCase): boolean {
  const { ipam } = (bridge ?? {}) as { ipam?: object }; // `as`: what is looked at
  const mappings = portMappings as readonly Mapping[];
  return (
    ipam !== V4 &&
    mappings.some(({ hostIP = "", protocol }) => ["", "::"].includes(hostIP) && protocol !== "sctp")
  );
}

export const TRAFFIC_CASES: readonly TrafficCase[] = [...MASQUERADE, ...HOST_IPS, ...FIELDS].map(
  (scenario) =>
    isOnIpv6Loopback(scenario)
      ? { ...scenario, differences: [...(scenario.differences ?? []), "ipv6-loopback"] }
      : scenario,
);
