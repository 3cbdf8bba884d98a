/** Which VF of which card is chosen, and what is said where there is none. */

import { expect, test } from "vitest";
import { chooseVf, type VfChoice } from "../../../src/sriov/choose.ts";
import type { VfClaim } from "../../../src/sriov/claims.ts";
import { BandwidthExhausted, NoFreeVf, NoSuchPf } from "../../../src/sriov/no-free-vf.ts";
import { type FakePf, FakeSysfs, type FakeVf } from "../../support/sriov/fake-sysfs.ts";

const VFS = [{}, {}, {}] as const;
const FIRST: FakePf = { ifname: "ens1", bus: "01", vfs: VFS };
const SECOND: FakePf = { ifname: "ens2", bus: "02", vfs: VFS };

/** Claims of so much bandwidth each, on VFs by PCI address. */
function claims(held: Readonly<Record<string, number>>): Map<string, VfClaim> {
  return new Map(
    Object.entries(held).map(([pciAddress, minMbps]) => [pciAddress, { owner: "web/c9/eth0", minMbps }]),
  );
}

/** PCI address of the VF that is chosen on a node with these cards. */
function choose(cards: readonly FakePf[], choice: Partial<VfChoice> = {}): string {
  using sysfs = new FakeSysfs(cards);
  return chooseVf({
    sysfs: sysfs.root,
    pfs: cards.map(({ ifname }) => ifname),
    driver: "netdev",
    minMbps: 0,
    claims: new Map(),
    isUnused: () => true,
    ...choice,
  }).pciAddress;
}

test("chooseVf() gives all of the first VF when all are free", () => {
  using sysfs = new FakeSysfs([FIRST]);
  const isUnused = () => true;
  const vf = chooseVf({
    sysfs: sysfs.root,
    pfs: ["ens1"],
    driver: "netdev",
    minMbps: 0,
    claims: new Map(),
    isUnused,
  });
  expect(vf).toEqual({
    pf: "ens1",
    pfPciAddress: "0000:01:00.0",
    index: 0,
    pciAddress: "0000:01:10.0",
    driver: "igbvf",
    ifname: "ens1v0",
  });
});

test.for([
  ["all are free and the cards are alike", {}, 0, "0000:01:10.0"],
  ["the first card's first one is held", { "0000:01:10.0": 0 }, 0, "0000:02:10.0"],
  ["both cards have as many held", { "0000:01:10.0": 0, "0000:02:10.2": 0 }, 0, "0000:01:10.2"],
  [
    "the first card has less set aside on more VFs",
    { "0000:01:10.0": 100, "0000:01:10.2": 100, "0000:02:10.0": 500 },
    0,
    "0000:01:10.4",
  ],
  [
    "the first card has more set aside on more VFs",
    { "0000:01:10.0": 300, "0000:01:10.2": 300, "0000:02:10.0": 500 },
    0,
    "0000:02:10.2",
  ],
  [
    "the first card's speed leaves no room",
    { "0000:01:10.0": 9500, "0000:02:10.0": 9600 },
    500,
    "0000:01:10.2",
  ],
  [
    "the emptier card is full of VFs",
    { "0000:01:10.0": 0, "0000:01:10.2": 0, "0000:01:10.4": 0, "0000:02:10.0": 9000 },
    500,
    "0000:02:10.2",
  ],
] as const)("chooseVf() takes the right card when %s", ([, held, minMbps, expected]) => {
  expect(choose([FIRST, SECOND], { claims: claims(held), minMbps })).toBe(expected);
});

test("chooseVf() passes over a card that has no room when another one has", () => {
  const slow = { ...FIRST, speed: "1000" };
  expect(choose([slow, SECOND], { claims: claims({ "0000:02:10.0": 800 }), minMbps: 2000 })).toBe(
    "0000:02:10.2",
  );
});

test("chooseVf() sets bandwidth aside of a card when its speed is not known", () => {
  expect(
    choose([{ ...FIRST, speed: "-1" }], { claims: claims({ "0000:01:10.0": 1000 }), minMbps: 2000 }),
  ).toBe("0000:01:10.2");
});

test("chooseVf() takes a card that has more set aside than it can carry when nothing is to be guaranteed", () => {
  const slow = { ...FIRST, speed: "100" };
  expect(choose([slow], { claims: claims({ "0000:01:10.0": 500 }), minMbps: 0 })).toBe("0000:01:10.2");
});

test("chooseVf() passes over a card that this node does not have when it has another one", () => {
  expect(choose([SECOND], { pfs: ["ens1", "ens2"] })).toBe("0000:02:10.0");
});

test.for([
  [[{ first: 1, last: 1 }], "0000:01:10.2"],
  [
    [
      { first: 5, last: 9 },
      { first: 2, last: 2 },
    ],
    "0000:01:10.4",
  ],
] as const)("chooseVf() takes a VF of the ranges when they are %j", ([vfs, expected]) => {
  expect(choose([FIRST], { vfs })).toBe(expected);
});

test("chooseVf() asks about the interfaces of no more VFs than it must when the first ones are held", () => {
  const asked: string[] = [];
  const isUnused = (ifname: string) => asked.push(ifname) > 1;
  expect(choose([FIRST], { claims: claims({ "0000:01:10.0": 0 }), isUnused })).toBe("0000:01:10.4");
  expect(asked).toEqual(["ens1v1", "ens1v2"]);
});

interface Fitness {
  readonly vf: FakeVf;
  readonly wanted: Pick<VfChoice, "driver" | "bind">;
  /** Undefined: it is taken. */
  readonly reason?: string;
}

const NETDEV = { driver: "netdev" } as const;
const VFIO = { driver: "vfio-pci" } as const;
const BIND = { driver: "vfio-pci", bind: true } as const;

const FITNESS: readonly Fitness[] = [
  { vf: {}, wanted: NETDEV },
  { vf: { ifname: undefined }, wanted: NETDEV, reason: "in another network namespace" },
  { vf: { driver: "" }, wanted: NETDEV, reason: "without a driver" },
  { vf: { driver: "vfio-pci" }, wanted: NETDEV, reason: "with the driver vfio-pci" },
  { vf: { driver: "igb_uio" }, wanted: NETDEV, reason: "with the driver igb_uio" },
  { vf: { driverOverride: "igbvf" }, wanted: NETDEV, reason: "set apart for the driver igbvf" },
  { vf: { ifname: "used0" }, wanted: NETDEV, reason: "in use on the host" },
  { vf: { driver: "vfio-pci" }, wanted: VFIO },
  { vf: { driver: "vfio-pci", driverOverride: "vfio-pci" }, wanted: VFIO },
  { vf: {}, wanted: VFIO, reason: "with the driver igbvf" },
  { vf: { driver: "" }, wanted: VFIO, reason: "without a driver" },
  { vf: { driver: "vfio-pci" }, wanted: BIND },
  { vf: {}, wanted: BIND },
  { vf: { driver: "" }, wanted: BIND },
  { vf: { ifname: undefined }, wanted: BIND, reason: "in another network namespace" },
  { vf: { ifname: "used0" }, wanted: BIND, reason: "in use on the host" },
  { vf: { driver: "uio_pci_generic" }, wanted: BIND, reason: "with the driver uio_pci_generic" },
  { vf: { driverOverride: "igbvf" }, wanted: BIND, reason: "set apart for the driver igbvf" },
];

const isUnused = (ifname: string) => ifname !== "used0";

test.for(FITNESS.filter(({ reason }) => reason === undefined))(
  "chooseVf() takes a VF when it is $vf and $wanted is wanted",
  ({ vf, wanted }) => {
    expect(choose([{ ...FIRST, vfs: [vf] }], { ...wanted, isUnused })).toBe("0000:01:10.0");
  },
);

test.for(FITNESS.filter(({ reason }) => reason !== undefined))(
  "chooseVf() says that a VF is $reason when it is $vf and $wanted is wanted",
  ({ vf, wanted, reason }) => {
    const attempt = () => choose([{ ...FIRST, vfs: [vf] }], { ...wanted, isUnused });
    expect(attempt).toThrow(
      new NoFreeVf([{ ifname: "ens1", total: 1, unfit: new Map([[reason ?? "", 1]]) }]),
    );
  },
);

test("chooseVf() counts the reasons of each card when no VF is free", () => {
  const first = { ...FIRST, vfs: [{}, { driver: "" }, { driver: "" }, {}] };
  const attempt = () =>
    choose([first, { ...SECOND, vfs: [] }], {
      claims: claims({ "0000:01:10.0": 0 }),
      vfs: [{ first: 0, last: 2 }],
    });
  expect(attempt).toThrow(
    "no free VF: ens2 has no VFs now (podwire vf set-count ens2 N makes some); " +
      "ens1 has 4 VFs: 1 held, 2 without a driver, 1 outside of the network's range",
  );
});

test("chooseVf() throws BandwidthExhausted with the figures when no card has room", () => {
  const attempt = () =>
    choose([{ ...FIRST, speed: "1000" }], { claims: claims({ "0000:01:10.0": 600 }), minMbps: 500 });
  expect(attempt).toThrow(BandwidthExhausted);
  expect(attempt).toThrow("no bandwidth left to guarantee 500 Mbit/s: ens1 has 600 of 1000 Mbit/s set aside");
});

test("chooseVf() says of each card why when one has no room and the other one no free VF", () => {
  const slow = { ...FIRST, speed: "1000" };
  const attempt = () => choose([slow, { ...SECOND, vfs: [{ driver: "" }] }], { minMbps: 2000 });
  expect(attempt).toThrow(
    "no free VF: ens1 has 3 VFs: 3 without bandwidth to set aside; ens2 has 1 VF: 1 without a driver",
  );
});

test("chooseVf() throws NoSuchPf with those that there are when the node has none of the cards", () => {
  expect(() => choose([FIRST, SECOND], { pfs: ["eth7", "ens1v0"] })).toThrow(
    new NoSuchPf(["eth7", "ens1v0"], ["ens1", "ens2"]),
  );
});

test("chooseVf() throws NoSuchPf when the node has no card at all", () => {
  expect(() => choose([], { pfs: ["eth7"] })).toThrow("no physical function eth7: this node has none");
});
