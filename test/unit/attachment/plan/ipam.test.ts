/** The ipam section: kinds, order of ranges, requested addresses from every source, and what is refused. */

import { expect, test } from "vitest";
import { formatAddress } from "../../../../src/addr/address.ts";
import { type HostLocal, planAddressing } from "../../../../src/attachment/plan/ipam.ts";
import { describeRangeSet } from "../../../../src/ipam/range.ts";
import { cniErrorOf, requestOf } from "../../../support/fixtures/request.ts";
import { address, prefix } from "../../../support/fixtures/values.ts";

const REACH = { mode: "bridge", isGateway: false, isDefaultGateway: false } as const;

function decode(conf: object, args = "") {
  return planAddressing(requestOf(conf, { CNI_ARGS: args }), REACH);
}

function hostLocal(ipam: object, more: object = {}, args = ""): HostLocal {
  const addressing = decode({ ipam: { type: "host-local", ...ipam }, ...more }, args);
  if (addressing.kind !== "host-local") throw new Error(`addressing is ${addressing.kind}`);
  return addressing;
}

const SUBNET = { subnet: "10.1.0.0/24" };

test.for([
  [{}, { kind: "none" }],
  [{ ipam: null }, { kind: "none" }],
  [{ ipam: {} }, { kind: "none" }],
  [{ ipam: { type: "" } }, { kind: "none" }],
  [{ ipam: { type: "static" } }, { kind: "delegate", plugin: "static" }],
  [{ ipam: { type: "host-local", delegate: true } }, { kind: "delegate", plugin: "host-local" }],
] as const)("planAddressing() tells kinds apart when the configuration is %j", ([conf, wanted]) => {
  expect(decode(conf)).toEqual(wanted);
});

test("planAddressing() has host-local's defaults when there is a subnet alone", () => {
  expect(hostLocal(SUBNET)).toMatchObject({
    dataDir: "/var/lib/cni/networks",
    requested: [],
    routes: [],
    resolvConf: "",
    keepAcrossReboots: false,
  });
});

const ORDERS: [name: string, ipam: object, runtime: object, wanted: string[]][] = [
  ["old style", SUBNET, {}, ["10.1.0.1-10.1.0.254"]],
  [
    "old style with all fields",
    { ...SUBNET, rangeStart: "10.1.0.5", rangeEnd: "10.1.0.9", gateway: "10.1.0.2" },
    {},
    ["10.1.0.5-10.1.0.9"],
  ],
  [
    "new style",
    { ranges: [[{ subnet: "10.2.0.0/24" }, { subnet: "10.3.0.0/24" }], [{ subnet: "fd00::/126" }]] },
    {},
    ["10.2.0.1-10.2.0.254,10.3.0.1-10.3.0.254", "fd00::1-fd00::3"],
  ],
  [
    "both",
    { ...SUBNET, ranges: [[{ subnet: "10.2.0.0/24" }]] },
    {},
    ["10.1.0.1-10.1.0.254", "10.2.0.1-10.2.0.254"],
  ],
  [
    "all three",
    { ...SUBNET, ranges: [[{ subnet: "10.2.0.0/24" }]] },
    { ipRanges: [[{ subnet: "10.9.0.0/24" }]] },
    ["10.9.0.1-10.9.0.254", "10.1.0.1-10.1.0.254", "10.2.0.1-10.2.0.254"],
  ],
  ["the runtime's alone", {}, { ipRanges: [[{ subnet: "10.9.0.0/24" }]] }, ["10.9.0.1-10.9.0.254"]],
];

test.for(ORDERS)(
  "planAddressing() orders the range sets when they are %s",
  ([, ipam, runtimeConfig, wanted]) => {
    expect(hostLocal(ipam, { runtimeConfig }).sets.map(describeRangeSet)).toEqual(wanted);
  },
);

test.for([
  ["IP=10.1.0.5", {}, ["10.1.0.5"]],
  ["IP=10.1.0.5/16", {}, ["10.1.0.5"]],
  ["IP=10.1.0.5,fd00::5", {}, ["10.1.0.5", "fd00::5"]],
  ["IgnoreUnknown=1;IP=", {}, []],
  ["", { args: { cni: { ips: ["10.1.0.6", "10.1.0.7/24"] } } }, ["10.1.0.6", "10.1.0.7"]],
  ["", { runtimeConfig: { ips: ["10.1.0.8/24"] } }, ["10.1.0.8"]],
  [
    "IP=10.1.0.5",
    { args: { cni: { ips: ["10.1.0.6"] } }, runtimeConfig: { ips: ["10.1.0.8"] } },
    ["10.1.0.5", "10.1.0.6", "10.1.0.8"],
  ],
] as const)(
  "planAddressing() collects requested addresses when CNI_ARGS is %j and the rest %j",
  ([args, more, wanted]) => {
    expect(hostLocal(SUBNET, more, args).requested.map(formatAddress)).toEqual(wanted);
  },
);

test("planAddressing() keeps every setting of a route when the configuration has them", () => {
  const settings = { mtu: 1400, advmss: 1360, priority: 5, table: 100, scope: 253 };
  const { routes } = hostLocal({
    ...SUBNET,
    routes: [{ dst: "10.9.0.0/16", gw: "10.1.0.1", ...settings }, { dst: "::/0" }],
  });
  expect(routes).toEqual([
    { dst: prefix("10.9.0.0/16"), gw: address("10.1.0.1"), ...settings },
    { dst: prefix("::/0") },
  ]);
});

test("planAddressing() reads the other fields when they are given", () => {
  const more = { dataDir: "/tmp/x", resolvConf: "/etc/resolv.conf", keepAcrossReboots: true };
  expect(hostLocal({ ...SUBNET, ...more })).toMatchObject(more);
});

const BAD: [ipam: object, path: string][] = [
  [{}, "ipam: no address ranges"],
  [{ ranges: [] }, "ipam: no address ranges"],
  [{ ranges: [[]] }, "ipam.ranges: range set 0 is empty"],
  [{ ranges: [{}] }, "ipam.ranges[0]"],
  [{ ranges: [[{}]] }, "ipam.ranges[0][0].subnet"],
  [{ ranges: [[{ subnet: "10.1.0.0" }]] }, "ipam.ranges[0][0].subnet"],
  [{ ranges: [[{ subnet: "10.1.0.0/24" }, { subnet: "fd00::/64" }]] }, "ipam.ranges: range set 0 mixes"],
  [{ ...SUBNET, ranges: [[SUBNET]] }, "ipam.ranges: range sets 0 and 1"],
  [{ subnet: "10.1.0.1/24" }, "ipam: subnet 10.1.0.1/24 has host bits"],
  [{ subnet: "::ffff:10.1.0.0/24" }, "ipam"],
  [{ ...SUBNET, rangeStart: "10.1.0" }, "ipam.rangeStart"],
  [{ ...SUBNET, rangeEnd: "10.2.0.1" }, "ipam: rangeEnd"],
  [{ ...SUBNET, gateway: "10.1.0.1/24" }, "ipam.gateway"],
  [{ ...SUBNET, routes: [{}] }, "ipam.routes[0].dst"],
  [{ ...SUBNET, routes: [{ dst: "0.0.0.0/0", scope: 300 }] }, "ipam.routes[0].scope"],
  [{ ...SUBNET, dataDir: "relative" }, "ipam.dataDir"],
  [{ ...SUBNET, dataDir: 1 }, "ipam.dataDir"],
  [{ ...SUBNET, delegate: "yes" }, "ipam.delegate"],
];

test.for(BAD)("planAddressing() gives code 7 and the path when ipam is %j", ([ipam, path]) => {
  const error = cniErrorOf(() => hostLocal(ipam));
  expect(error.code).toBe(7);
  expect(error.message.startsWith(path)).toBe(true);
});

test.for([
  [{ runtimeConfig: { ips: ["x"] } }, "", "runtimeConfig.ips[0]"],
  [{ args: { cni: { ips: "10.1.0.5" } } }, "", "args.cni.ips"],
  [{ runtimeConfig: { ipRanges: [{}] } }, "", "runtimeConfig.ipRanges[0]"],
  [{}, "IP=xx", "CNI_ARGS IP"],
] as const)("planAddressing() names the source when %j or CNI_ARGS %j is broken", ([more, args, path]) => {
  expect(cniErrorOf(() => hostLocal(SUBNET, more, args)).message.startsWith(path)).toBe(true);
});

test.for([
  ["0.1.0", [["10.1.0.0/24"], ["fd00::/64"]], true],
  ["0.2.0", [["10.1.0.0/24", "10.2.0.0/24"]], true],
  ["0.2.0", [["10.1.0.0/24"], ["10.2.0.0/24"]], false],
  ["0.2.0", [["fd00::/64"], ["fd01::/64"]], false],
  ["0.3.0", [["10.1.0.0/24"], ["10.2.0.0/24"]], true],
] as const)(
  "planAddressing() holds to what %s can express when the sets are %j",
  ([cniVersion, sets, isFine]) => {
    const ranges = sets.map((set) => set.map((subnet) => ({ subnet })));
    const read = () => hostLocal({ ranges }, { cniVersion });
    if (isFine) expect(read().sets).toHaveLength(sets.length);
    else
      expect(cniErrorOf(read)).toMatchObject({
        code: 7,
        message: expect.stringContaining(`"${cniVersion}"`),
      });
  },
);
