/** Comparisons: what the reference plugins refuse, and the code of the specification that podwire refuses it with. */

import type { FailingCase } from "./case.ts";
import { FAILING_BRIDGES } from "./cases-errors-bridge.ts";

const A = { subnet: "10.1.0.0/24" };

function hostLocal(...sets: readonly (readonly object[])[]): object {
  return { type: "host-local", ranges: sets };
}

const INVALID = 7;
const BAD_ENVIRONMENT = 4;
const TRY_AGAIN = 11;

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

export const FAILING_CASES: readonly FailingCase[] = [...RANGES, ...ADDRESSES, ...FAILING_BRIDGES];
