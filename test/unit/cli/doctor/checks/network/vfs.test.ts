/** `podwire doctor vfs`: whether networks find virtual functions, and pods give them back. */

import { expect, test } from "vitest";
import { type Card, judgeCards, judgeStrays } from "../../../../../../src/cli/doctor/checks/network/vfs.ts";
import { commands, record, said } from "../../../../../support/fixtures/doctor.ts";
import { network, SRIOV } from "../../../../../support/fixtures/networks.ts";

const CARD: Card = { ifname: "ens1f0", numVfs: 4, totalVfs: 7, probesDrivers: true };
const FAST = network("fast", { attach: SRIOV });
const VFIO = network("dpdk", { attach: { ...SRIOV, driver: "vfio-pci" } });

test.for([
  ["has functions", FAST, CARD, []],
  ["has none", FAST, { ...CARD, numVfs: 0 }, ["podwire vf set-count ens1f0 7"]],
  [
    "is gone",
    FAST,
    { ...CARD, ifname: "other" },
    ["podwire vf list shows what there is; correct attach.pfs of the network"],
  ],
  [
    "gives new ones no driver",
    FAST,
    { ...CARD, probesDrivers: false },
    ["echo 1 > /sys/class/net/ens1f0/device/sriov_drivers_autoprobe"],
  ],
  ["gives those without a use for one no driver", VFIO, { ...CARD, probesDrivers: false }, []],
  ["has none, and nobody wants any", network("web"), { ...CARD, numVfs: 0 }, []],
] as const)("judgeCards() gives the command when the card %s", ([, wanted, card, expected]) => {
  expect(commands(judgeCards([wanted], [card]))).toEqual(expected);
});

const fix = () => [];
const HELD = { vf: "0000:01:10.0", owner: "mynet/c1/eth0" };

test("judgeStrays() warns when the holder's network namespace is gone", () => {
  expect(said(judgeStrays([HELD], [], fix))).toEqual([
    ["warning", "virtual functions held for pods that are gone: 1"],
  ]);
});

test("judgeStrays() is content when the holder lives", () => {
  expect(judgeStrays([HELD], [record()], fix).map(({ level }) => level)).toEqual(["ok"]);
});
