/** Functions of cards in a tree of files made as the kernel makes it. */

import { expect, test } from "vitest";
import { findVf, listPfs, listVfAddresses, pciAddressOf, readPf, readVf } from "../../../src/sriov/sysfs.ts";
import { FakeSysfs } from "../../support/sriov/fake-sysfs.ts";

const CARD = { ifname: "ens1f0", bus: "01", vfs: [{}, {}] } as const;
const PF = { ifname: "ens1f0", pciAddress: "0000:01:00.0" };

test("readPf() gives all of a physical function when it has VFs", () => {
  using sysfs = new FakeSysfs([CARD]);
  expect(readPf(sysfs.root, "ens1f0")).toEqual({
    ...PF,
    driver: "igb",
    totalVfs: 7,
    numVfs: 2,
    speedMbps: 10000,
  });
});

test("readPf() gives no speed when the driver knows none", () => {
  using sysfs = new FakeSysfs([{ ...CARD, speed: "-1" }]);
  expect(readPf(sysfs.root, "ens1f0")).not.toHaveProperty("speedMbps");
});

test("readPf() gives 0 VFs when none are made yet", () => {
  using sysfs = new FakeSysfs([{ ...CARD, vfs: [] }]);
  expect(readPf(sysfs.root, "ens1f0")).toMatchObject({ numVfs: 0, totalVfs: 7 });
});

test.for([
  ["there is no such interface", "ens9"],
  ["it is a VF's", "ens1f0v0"],
  ["it belongs to no device", "cni0"],
  ["the card can have no VFs", "ens2"],
] as const)("readPf() gives undefined when %s", ([, ifname]) => {
  using sysfs = new FakeSysfs([CARD, { ifname: "ens2", bus: "02", vfs: [], totalVfs: 0 }]);
  sysfs.write("devices/virtual/net/cni0/speed", "10000");
  sysfs.link("class/net/cni0", "devices/virtual/net/cni0");
  expect(readPf(sysfs.root, ifname)).toBeUndefined();
});

test("listPfs() gives them by name when there are several cards", () => {
  using sysfs = new FakeSysfs([{ ...CARD, ifname: "ens2", bus: "02" }, CARD]);
  expect(listPfs(sysfs.root).map(({ ifname }) => ifname)).toEqual(["ens1f0", "ens2"]);
});

test("listPfs() gives the card's own interface alone when others of it stand for VFs", () => {
  using sysfs = new FakeSysfs([
    { ...CARD, representors: { eth0: "pf0vf0", eth1: "c1pf0sf3", uplink: "p0" } },
  ]);
  expect(listPfs(sysfs.root).map(({ ifname }) => ifname)).toEqual(["ens1f0", "uplink"]);
});

test("listPfs() gives none when there is no sysfs", () => {
  expect(listPfs("/nonexistent")).toEqual([]);
});

test("readVf() gives all of a VF when it is on the host", () => {
  using sysfs = new FakeSysfs([{ ...CARD, vfs: [{}, { iommuGroup: 12 }] }]);
  expect(readVf(sysfs.root, PF, 1)).toEqual({
    pf: "ens1f0",
    pfPciAddress: "0000:01:00.0",
    index: 1,
    pciAddress: "0000:01:10.2",
    driver: "igbvf",
    ifname: "ens1f0v1",
    iommuGroup: 12,
  });
});

test("readVf() gives no interface when it is in another network namespace", () => {
  using sysfs = new FakeSysfs([{ ...CARD, vfs: [{ ifname: undefined }] }]);
  expect(readVf(sysfs.root, PF, 0)).toMatchObject({ driver: "igbvf", ifname: undefined });
});

test("readVf() gives the driver that it is set apart for when one is named", () => {
  using sysfs = new FakeSysfs([{ ...CARD, vfs: [{ driver: "vfio-pci", driverOverride: "vfio-pci" }] }]);
  expect(readVf(sysfs.root, PF, 0)).toMatchObject({ driver: "vfio-pci", driverOverride: "vfio-pci" });
});

test("readVf() gives no driver when none has it", () => {
  using sysfs = new FakeSysfs([{ ...CARD, vfs: [{ driver: "" }] }]);
  expect(readVf(sysfs.root, PF, 0)).toMatchObject({ driver: "", ifname: undefined });
});

test("readVf() gives undefined when the card has fewer", () => {
  using sysfs = new FakeSysfs([CARD]);
  expect(readVf(sysfs.root, PF, 2)).toBeUndefined();
});

test("findVf() gives the VF at an address when its card has 256", () => {
  const vfs = Array.from({ length: 256 }, () => ({}));
  using sysfs = new FakeSysfs([{ ...CARD, vfs }]);
  expect(findVf(sysfs.root, "0000:02:1f.6")).toMatchObject({
    pf: "ens1f0",
    index: 191,
    ifname: "ens1f0v191",
  });
});

test("findVf() gives no name of the physical function when that one is in another network namespace", () => {
  using sysfs = new FakeSysfs([CARD]);
  sysfs.removeDirectory(`${sysfs.device("0000:01:00.0")}/net`);
  expect(findVf(sysfs.root, "0000:01:10.2")).toMatchObject({
    pf: "",
    pfPciAddress: "0000:01:00.0",
    index: 1,
  });
});

test("findVf() gives the card's own interface when others of it stand for VFs", () => {
  const representors = { eth0: "pf0vf0", eth1: "pf0vf1", eth2: "pf0vf2", eth3: "pf0sf0" };
  using sysfs = new FakeSysfs([{ ...CARD, ifname: "uplink0", representors }]);
  expect(findVf(sysfs.root, "0000:01:10.0")?.pf).toBe("uplink0");
});

test.for([
  ["there is no such device", "0000:7f:00.0"],
  ["it is a physical function", "0000:01:00.0"],
] as const)("findVf() gives undefined when %s", ([, pciAddress]) => {
  using sysfs = new FakeSysfs([CARD]);
  expect(findVf(sysfs.root, pciAddress)).toBeUndefined();
});

test("findVf() gives undefined when the card has not placed its VFs", () => {
  using sysfs = new FakeSysfs([CARD]);
  sysfs.removeDirectory(`${sysfs.device("0000:01:00.0")}/sriov_stride`);
  expect(findVf(sysfs.root, "0000:01:10.0")).toBeUndefined();
});

test("findVf() gives undefined when the VF is taken away meanwhile", () => {
  using sysfs = new FakeSysfs([CARD]);
  sysfs.removeDirectory(`${sysfs.device("0000:01:00.0")}/virtfn1`);
  expect(findVf(sysfs.root, "0000:01:10.2")).toBeUndefined();
});

test("listVfAddresses() gives what the links of the card say when they go on to the next bus", () => {
  const vfs = Array.from({ length: 200 }, () => ({}));
  using sysfs = new FakeSysfs([{ ...CARD, vfs }]);
  const addresses = listVfAddresses(sysfs.root, { ...PF, driver: "igb", totalVfs: 200, numVfs: 200 });
  expect(addresses).toEqual(vfs.map((_, index) => readVf(sysfs.root, PF, index)?.pciAddress));
  expect(addresses.slice(63, 65)).toEqual(["0000:01:1f.6", "0000:02:00.0"]);
});

test("pciAddressOf() gives the address of an interface's device when it has one", () => {
  using sysfs = new FakeSysfs([CARD]);
  expect(pciAddressOf(sysfs.root, "ens1f0v1")).toBe("0000:01:10.2");
  expect(pciAddressOf(sysfs.root, "lo")).toBeUndefined();
});
