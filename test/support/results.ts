/** One result of each sort, and the documents that each CNI version writes for it (SPEC.md of each version, "Result"). */

import type { Result } from "../../src/cni/result.ts";
import { address, prefix } from "./values.ts";

const interfaces = [
  { name: "cni0", mac: "02:00:00:00:00:01", mtu: 1500 },
  { name: "veth1", mac: "02:00:00:00:00:02", mtu: 1500, socketPath: "/run/s", pciID: "0000:3b:02.1" },
  { name: "eth0", mac: "02:00:00:00:00:03", mtu: 1500, sandbox: "/run/netns/pod" },
];

const ip4 = { interface: 2, address: prefix("10.1.0.5/16"), gateway: address("10.1.0.1") };
const ip6 = { interface: 2, address: prefix("fd00::5/64"), gateway: address("fd00::1") };
const route4 = { dst: prefix("0.0.0.0/0"), gw: address("10.1.0.1") };
const route4Settings = {
  dst: prefix("10.9.0.0/16"),
  mtu: 1400,
  advmss: 1360,
  priority: 50,
  table: 100,
  scope: 253,
};
const route6 = { dst: prefix("::/0"), gw: address("fd00::1") };
const dns = { nameservers: ["10.1.0.1"], domain: "example.org", search: ["a", "b"], options: ["ndots:5"] };

export const RESULTS = {
  v4: { interfaces, ips: [ip4], routes: [route4, route4Settings], dns: {} },
  v6: { interfaces, ips: [ip6], routes: [route6], dns },
  dual: { interfaces, ips: [ip6, ip4], routes: [route6, route4], dns: {} },
  l2: { interfaces, ips: [], routes: [], dns: {} },
} satisfies Record<string, Result>;

export type Sort = keyof typeof RESULTS;

const MODERN_INTERFACES = [
  { name: "cni0", mac: "02:00:00:00:00:01", mtu: 1500 },
  { name: "veth1", mac: "02:00:00:00:00:02", mtu: 1500, socketPath: "/run/s", pciID: "0000:3b:02.1" },
  { name: "eth0", mac: "02:00:00:00:00:03", mtu: 1500, sandbox: "/run/netns/pod" },
];
const PLAIN_INTERFACES = [
  { name: "cni0", mac: "02:00:00:00:00:01" },
  { name: "veth1", mac: "02:00:00:00:00:02" },
  { name: "eth0", mac: "02:00:00:00:00:03", sandbox: "/run/netns/pod" },
];
const DEFAULT4 = { dst: "0.0.0.0/0", gw: "10.1.0.1" };
const DEFAULT6 = { dst: "::/0", gw: "fd00::1" };
const SETTINGS4 = { dst: "10.9.0.0/16", mtu: 1400, advmss: 1360, priority: 50, table: 100, scope: 253 };
const IP4 = { interface: 2, address: "10.1.0.5/16", gateway: "10.1.0.1" };
const IP6 = { interface: 2, address: "fd00::5/64", gateway: "fd00::1" };

interface Shape {
  readonly versions: readonly string[];
  /** Without `cniVersion`; undefined where the version cannot express the result. */
  readonly documents: Readonly<Record<Sort, object | undefined>>;
}

const OLDEST: Shape = {
  versions: ["0.1.0", "0.2.0"],
  documents: {
    v4: {
      ip4: { ip: "10.1.0.5/16", gateway: "10.1.0.1", routes: [DEFAULT4, { dst: "10.9.0.0/16" }] },
      dns: {},
    },
    v6: { ip6: { ip: "fd00::5/64", gateway: "fd00::1", routes: [DEFAULT6] }, dns },
    dual: {
      ip4: { ip: "10.1.0.5/16", gateway: "10.1.0.1", routes: [DEFAULT4] },
      ip6: { ip: "fd00::5/64", gateway: "fd00::1", routes: [DEFAULT6] },
      dns: {},
    },
    l2: undefined,
  },
};

const MIDDLE: Shape = {
  versions: ["0.3.0", "0.3.1", "0.4.0"],
  documents: {
    v4: {
      interfaces: PLAIN_INTERFACES,
      ips: [{ version: "4", ...IP4 }],
      routes: [DEFAULT4, SETTINGS4],
      dns: {},
    },
    v6: { interfaces: PLAIN_INTERFACES, ips: [{ version: "6", ...IP6 }], routes: [DEFAULT6], dns },
    dual: {
      interfaces: PLAIN_INTERFACES,
      ips: [
        { version: "6", ...IP6 },
        { version: "4", ...IP4 },
      ],
      routes: [DEFAULT6, DEFAULT4],
      dns: {},
    },
    l2: { interfaces: PLAIN_INTERFACES, dns: {} },
  },
};

function modern(version: string, links: readonly object[]): Shape {
  return {
    versions: [version],
    documents: {
      v4: { interfaces: links, ips: [IP4], routes: [DEFAULT4, SETTINGS4] },
      v6: { interfaces: links, ips: [IP6], routes: [DEFAULT6], dns },
      dual: { interfaces: links, ips: [IP6, IP4], routes: [DEFAULT6, DEFAULT4] },
      l2: { interfaces: links },
    },
  };
}

/** Every version with every sort of result. */
export const DOCUMENTS = [
  OLDEST,
  MIDDLE,
  modern("1.0.0", PLAIN_INTERFACES),
  modern("1.1.0", MODERN_INTERFACES),
].flatMap(({ versions, documents }) =>
  versions.flatMap((version) =>
    (Object.keys(RESULTS) as Sort[]).map((sort) => {
      const body = documents[sort];
      return { version, sort, document: body === undefined ? undefined : { cniVersion: version, ...body } };
    }),
  ),
);
