/** `podwire doctor pools`: addresses of the node itself in the ranges of pods. */

import { expect, test } from "vitest";
import { judgeNodeAddresses } from "../../../../../../src/cli/doctor/checks/pods/node-addresses.ts";
import { toRange } from "../../../../../../src/ipam/range.ts";
import { commands, said } from "../../../../../support/fixtures/doctor.ts";
import { address, prefix } from "../../../../../support/fixtures/values.ts";

const range = (subnet: string, more = {}) => toRange({ subnet: prefix(subnet), ...more });
const POOL = { network: "mynet", sets: [[range("10.1.0.0/24")], [range("fd00:1::/64")]] };
const on = (ifname: string, text: string) => ({ ifname, prefix: prefix(text) });
const FINE = [["ok", "no address of the node, but gateways, is in a range of pods"]];

test.for([
  ["10.1.0.9/24", "10.1.0.1-10.1.0.254"],
  ["fd00:1::9/128", "fd00:1::1-fd00:1::ffff:ffff:ffff:ffff"],
] as const)(
  "judgeNodeAddresses() names address, interface, range and network when %s is in it",
  ([text, where]) => {
    const found = judgeNodeAddresses([on("eth1", text)], [POOL]);
    const [own] = text.split("/");
    expect(said(found)).toEqual([
      ["warning", `${own} of "eth1", the node's own, is in ${where} of network "mynet"`],
    ]);
    expect(commands(found)).toEqual([`ip address del ${text} dev eth1, or a range without it`]);
  },
);

test.for([
  ["it is the gateway", [on("cni0", "10.1.0.1/24"), on("cni0", "fd00:1::1/64")], [POOL]],
  [
    "it is the gateway of another range of the configuration",
    [on("cni0", "10.1.0.200/24")],
    [{ ...POOL, sets: [...POOL.sets, [range("10.3.0.0/24", { gateway: address("10.1.0.200") })]] }],
  ],
  [
    "it is before or behind the range",
    [on("eth0", "10.1.0.9/24"), on("eth0", "10.1.0.21/24")],
    [
      {
        network: "n",
        sets: [[range("10.1.0.0/24", { rangeStart: address("10.1.0.10"), rangeEnd: address("10.1.0.20") })]],
      },
    ],
  ],
  ["no configuration tells of the range", [on("eth0", "10.1.0.9/24")], [{ network: "n", sets: [] }]],
] as const)("judgeNodeAddresses() is content when %s", ([, addresses, pools]) => {
  expect(said(judgeNodeAddresses(addresses, pools))).toEqual(FINE);
});
