/** Comparisons: ranges, routes, and addresses that are asked for by name. */

import type { Case } from "./case.ts";

function hostLocal(...sets: readonly (readonly object[])[]): object {
  return { type: "host-local", ranges: sets };
}

const A = { subnet: "10.1.0.0/24" };
/** A bridge with a MAC of its own: the reference's changes it with each port otherwise, and its CHECK then fails. */
const PINNED_BRIDGE = "ip link add cni0 address 02:00:00:00:00:42 type bridge";

const MAC = "c2:b0:57:49:47:f1";

const RANGES: readonly Case[] = [
  {
    name: "rangeStart, rangeEnd and gateway",
    conf: {
      isGateway: true,
      ipam: {
        type: "host-local",
        subnet: "10.1.0.0/24",
        rangeStart: "10.1.0.50",
        rangeEnd: "10.1.0.60",
        gateway: "10.1.0.254",
      },
    },
    asks: [{}, {}],
  },
  {
    name: "subnet beside ranges",
    conf: { ipam: { type: "host-local", subnet: "10.2.0.0/24", ranges: [[A]] } },
  },
  { name: "two IPv4 range sets", conf: { ipam: hostLocal([A], [{ subnet: "10.2.0.0/24" }]) } },
  {
    name: "four range sets",
    conf: {
      ipam: hostLocal(
        [A],
        [{ subnet: "fd00:1::/64" }],
        [{ subnet: "10.2.0.0/24" }],
        [{ subnet: "fd00:2::/64" }],
      ),
    },
  },
  {
    name: "several ranges in one set",
    before: PINNED_BRIDGE,
    conf: {
      ipam: hostLocal([
        { subnet: "10.1.0.0/24", rangeStart: "10.1.0.5", rangeEnd: "10.1.0.6" },
        { subnet: "10.2.0.0/24", rangeStart: "10.2.0.9", rangeEnd: "10.2.0.10" },
      ]),
    },
    asks: [{}, {}, {}, {}],
  },
  {
    name: "several pieces of one subnet",
    before: PINNED_BRIDGE,
    conf: {
      ipam: hostLocal([
        { ...A, rangeStart: "10.1.0.5", rangeEnd: "10.1.0.5" },
        { ...A, rangeStart: "10.1.0.20", rangeEnd: "10.1.0.21" },
      ]),
    },
    asks: [{}, {}, {}],
  },
  { name: "the smallest IPv4 subnet", conf: { ipam: { type: "host-local", subnet: "10.1.0.0/30" } } },
  {
    name: "the smallest IPv6 subnet",
    before: PINNED_BRIDGE,
    conf: { ipam: { type: "host-local", subnet: "fd00:1::/126" } },
    asks: [{}, {}],
  },
  {
    name: "a gateway outside of the subnet's start",
    conf: { ipam: { ...A, type: "host-local", gateway: "10.1.0.2" } },
  },
  {
    name: "a large IPv6 subnet",
    conf: { isGateway: true, ipam: { type: "host-local", subnet: "fd00::/16" } },
  },
  {
    name: "the last address given before",
    conf: { ipam: hostLocal([A]) },
    before:
      "mkdir -p /var/lib/cni/networks/mynet && printf 10.1.0.77 > /var/lib/cni/networks/mynet/last_reserved_ip.0",
  },
  {
    name: "a wrap-around at the end of the range",
    conf: { ipam: hostLocal([A]) },
    before:
      "mkdir -p /var/lib/cni/networks/mynet && printf 10.1.0.254 > /var/lib/cni/networks/mynet/last_reserved_ip.0",
  },
  {
    name: "a neighbour's reservation in the way",
    conf: { ipam: hostLocal([A]) },
    before:
      "mkdir -p /var/lib/cni/networks/mynet && printf 'other\\r\\neth0' > /var/lib/cni/networks/mynet/10.1.0.2",
  },
  { name: "dataDir", conf: { ipam: { ...A, type: "host-local", dataDir: "/var/lib/cni/networks/deep/er" } } },
  {
    name: "an explicit range that includes network and broadcast address",
    conf: { ipam: hostLocal([{ subnet: "10.1.0.0/30", rangeStart: "10.1.0.0", rangeEnd: "10.1.0.3" }]) },
    differences: ["network-address"],
  },
];

const ROUTES: readonly Case[] = [
  {
    name: "a route without gateway",
    differences: ["old-check-route"],
    conf: { ipam: { ...A, type: "host-local", routes: [{ dst: "192.168.0.0/16" }] } },
  },
  {
    name: "routes with gateways",
    conf: {
      ipam: {
        ...A,
        type: "host-local",
        routes: [
          { dst: "0.0.0.0/0", gw: "10.1.0.9" },
          { dst: "172.16.0.0/12", gw: "10.1.0.8" },
        ],
      },
    },
  },
  {
    name: "routes of both families",
    conf: {
      ipam: {
        ...hostLocal([A], [{ subnet: "fd00:1::/64" }]),
        routes: [{ dst: "0.0.0.0/0" }, { dst: "::/0" }, { dst: "fd99::/16", gw: "fd00:1::9" }],
      },
    },
  },
  {
    name: "routes with priority, table and scope",
    conf: {
      cniVersion: "1.1.0",
      ipam: {
        ...A,
        type: "host-local",
        routes: [
          { dst: "192.168.0.0/16", priority: 77 },
          { dst: "192.168.0.0/16", table: 100 },
          { dst: "172.16.0.0/12", scope: 0 },
        ],
      },
    },
    newestOnly: true,
  },
  {
    name: "a route with mtu and advmss",
    conf: {
      cniVersion: "1.1.0",
      ipam: { ...A, type: "host-local", routes: [{ dst: "192.168.0.0/16", mtu: 1400, advmss: 1360 }] },
    },
    differences: ["route-metrics"],
    newestOnly: true,
  },
  {
    name: "two routes to one destination",
    conf: {
      ipam: {
        ...A,
        type: "host-local",
        routes: [
          { dst: "192.168.0.0/16", gw: "10.1.0.8" },
          { dst: "192.168.0.0/16", gw: "10.1.0.9" },
        ],
      },
    },
  },
  {
    name: "isDefaultGateway beside a default route with a gateway",
    conf: {
      isDefaultGateway: true,
      ipam: { ...A, type: "host-local", routes: [{ dst: "0.0.0.0/0", gw: "10.1.0.9" }] },
    },
  },
];

const WISHES: readonly Case[] = [
  {
    name: "an address by CNI_ARGS",
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: "IgnoreUnknown=1;IP=10.1.0.44" }],
  },
  { name: "an address by args.cni", conf: { ipam: hostLocal([A]), args: { cni: { ips: ["10.1.0.45"] } } } },
  {
    name: "an address by capability",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ips: ["10.1.0.46/16"] } },
  },
  {
    name: "addresses of both families by two ways",
    conf: { ipam: hostLocal([A], [{ subnet: "fd00:1::/64" }]), runtimeConfig: { ips: ["fd00:1::47"] } },
    asks: [{ args: "IgnoreUnknown=1;IP=10.1.0.47" }],
  },
  {
    name: "an address for one of two sets",
    conf: { ipam: hostLocal([A], [{ subnet: "10.2.0.0/24" }]), runtimeConfig: { ips: ["10.2.0.48"] } },
  },
  {
    name: "the next address after one that was asked for",
    before: PINNED_BRIDGE,
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: "IgnoreUnknown=1;IP=10.1.0.44" }, {}],
  },
  {
    name: "ranges by capability",
    conf: { ipam: hostLocal([A]), runtimeConfig: { ipRanges: [[{ subnet: "10.3.0.0/24" }]] } },
  },
  {
    name: "ranges by capability alone",
    conf: { ipam: { type: "host-local" }, runtimeConfig: { ipRanges: [[{ subnet: "10.3.0.0/24" }]] } },
  },
  {
    name: "a MAC by CNI_ARGS",
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: `IgnoreUnknown=1;MAC=${MAC}` }],
  },
  { name: "a MAC by args.cni", conf: { ipam: hostLocal([A]), args: { cni: { mac: MAC } } } },
  { name: "a MAC by capability", conf: { ipam: hostLocal([A]), runtimeConfig: { mac: MAC } } },
  {
    name: "a MAC by all ways at once",
    conf: { ipam: hostLocal([A]), args: { cni: { mac: "c2:b0:57:49:47:f2" } }, runtimeConfig: { mac: MAC } },
    asks: [{ args: "IgnoreUnknown=1;MAC=c2:b0:57:49:47:f3" }],
  },
  {
    name: "unknown CNI_ARGS with IgnoreUnknown",
    conf: { ipam: hostLocal([A]) },
    asks: [{ args: "IgnoreUnknown=1;K8S_POD_NAME=web;A=b" }],
  },
];

export const ADDRESS_CASES: readonly Case[] = [...RANGES, ...ROUTES, ...WISHES];
