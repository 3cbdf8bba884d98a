/** Addresses and ranges that runtime and user ask for. */

import { expect, test } from "vitest";
import { prefixesOf, snapshot } from "../../support/kernel/kernel.ts";
import { Node } from "../../support/node/node.ts";
import { attach, call, DUAL_STACK, ensurePod, NETCONF } from "../../support/pod/attachment.ts";

const { ipam } = NETCONF;

const wishes = [
  { name: "CNI_ARGS IP", conf: {}, args: "IgnoreUnknown=1;IP=10.1.0.50", want: ["10.1.0.50/16"] },
  { name: "args.cni.ips", conf: { args: { cni: { ips: ["10.1.0.51"] } } }, args: "", want: ["10.1.0.51/16"] },
  {
    name: "runtimeConfig.ips",
    conf: { runtimeConfig: { ips: ["10.1.0.52"] } },
    args: "",
    want: ["10.1.0.52/16"],
  },
  {
    name: "an address with another prefix length",
    conf: { runtimeConfig: { ips: ["10.1.0.53/24"] } },
    args: "",
    want: ["10.1.0.53/16"],
  },
  {
    name: "one address of two families",
    conf: { ipam: DUAL_STACK, runtimeConfig: { ips: ["fd00:1::99"] } },
    args: "",
    want: ["10.1.0.2/16", "fd00:1::99/64"],
  },
  {
    name: "one of each family from different places",
    conf: { ipam: DUAL_STACK, runtimeConfig: { ips: ["fd00:1::99"] } },
    args: "IP=10.1.0.54",
    want: ["10.1.0.54/16", "fd00:1::99/64"],
  },
  {
    name: "the same address twice",
    conf: { runtimeConfig: { ips: ["10.1.0.55"] } },
    args: "IP=10.1.0.55",
    want: ["10.1.0.55/16"],
  },
];

test.for(wishes)(
  "ADD() gives the address that is asked for when it is $name",
  async ({ conf, args, want }) => {
    await using node = await Node.create();
    attach(node, { conf, args });
    expect(prefixesOf(node, "eth0", "c1")).toEqual(want);
  },
);

const refusals = [
  { name: "is in no range", ips: ["10.7.0.5"], code: 7 },
  { name: "is the gateway", ips: ["10.1.0.1"], code: 7 },
  { name: "is the second for one range set", ips: ["10.1.0.5", "10.1.0.6"], code: 7 },
  { name: "is no address", ips: ["10.1.0.999"], code: 7 },
  { name: "is taken", ips: ["10.1.0.2"], code: 11 },
];

test.for(refusals)("ADD() refuses with code $code when the address $name", async ({ ips, code }) => {
  await using node = await Node.create();
  attach(node);
  ensurePod(node, "c2");
  const before = snapshot(node);
  const added = call(node, "ADD", { conf: { runtimeConfig: { ips } }, containerId: "c2" });
  expect([added.exitCode, added.json.code]).toEqual([1, code]);
  expect(added.json.msg).toContain(ips.at(-1));
  expect(snapshot(node)).toEqual(before);
});

const ranges = [
  {
    name: "alone",
    conf: { ipam: { type: "host-local" } },
    ipRanges: [[{ subnet: "10.5.0.0/24" }]],
    want: ["10.5.0.2/24"],
  },
  {
    name: "beside subnet and ranges",
    conf: { ipam: { ...ipam, ranges: [[{ subnet: "fd00:1::/64" }]] } },
    ipRanges: [[{ subnet: "10.5.0.0/24" }]],
    want: ["10.5.0.2/24", "10.1.0.2/16", "fd00:1::2/64"],
  },
  {
    name: "with bounds and gateway",
    conf: { ipam: { type: "host-local" } },
    ipRanges: [
      [{ subnet: "10.5.0.0/24", rangeStart: "10.5.0.10", rangeEnd: "10.5.0.20", gateway: "10.5.0.254" }],
    ],
    want: ["10.5.0.10/24"],
  },
];

test.for(ranges)(
  "ADD() takes runtimeConfig.ipRanges first when they are $name",
  async ({ conf, ipRanges, want }) => {
    await using node = await Node.create();
    const { ips } = attach(node, { conf: { ...conf, runtimeConfig: { ipRanges } } });
    expect(ips.map((ip: { address: string }) => ip.address)).toEqual(want);
  },
);

test("DEL() frees the address of a runtime range when the runtime does not give it any more", async () => {
  await using node = await Node.create();
  ensurePod(node);
  const before = snapshot(node);
  const conf = { ipam: { type: "host-local" } };
  attach(node, { conf: { ...conf, runtimeConfig: { ipRanges: [[{ subnet: "10.5.0.0/24" }]] } } });
  expect(call(node, "DEL", { conf }).exitCode).toBe(0);
  expect(snapshot(node)).toEqual(before);
});
