/** When the number of VFs may be changed; that the kernel makes them is tried in test/vm. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { type NumVfs, NumVfsRefused, setNumVfs, VfsInUse } from "../../../src/sriov/set-num-vfs.ts";
import { readPf } from "../../../src/sriov/sysfs.ts";
import { FakeSysfs, type FakeVf } from "../../support/sriov/fake-sysfs.ts";

function card(vfs: readonly FakeVf[]): FakeSysfs {
  return new FakeSysfs([{ ifname: "ens1", bus: "01", vfs }]);
}

function setTo(sysfs: FakeSysfs, count: number, more: Partial<NumVfs> = {}): void {
  const pf = readPf(sysfs.root, "ens1");
  if (pf === undefined) throw new Error("no such card");
  setNumVfs({ sysfs: sysfs.root, pf, count, claims: new Map(), isUnused: () => true, ...more });
}

function numVfs(sysfs: FakeSysfs): string {
  return readFileSync(join(sysfs.root, sysfs.device("0000:01:00.0"), "sriov_numvfs"), "utf8");
}

test("setNumVfs() writes the number when the card has none", () => {
  using sysfs = card([]);
  setTo(sysfs, 4);
  expect(numVfs(sysfs)).toMatch(/^4/);
});

test("setNumVfs() takes all away when none are wanted and none is in use", () => {
  using sysfs = card([{}, { driver: "" }, { driverOverride: "igbvf" }]);
  setTo(sysfs, 0);
  expect(numVfs(sysfs)).toMatch(/^0/);
});

test("setNumVfs() writes nothing when the card has so many", () => {
  using sysfs = card([{ ifname: undefined }]);
  setTo(sysfs, 1);
  expect(numVfs(sysfs)).toBe("1\n");
});

test("setNumVfs() throws NumVfsRefused and writes nothing when the card cannot have so many", () => {
  using sysfs = card([{}]);
  expect(() => setTo(sysfs, 8)).toThrow(NumVfsRefused);
  expect(() => setTo(sysfs, 8)).toThrow("ens1 cannot have 8 VFs: the card has 7 at most");
  expect(numVfs(sysfs)).toBe("1\n");
});

test("setNumVfs() throws VfsInUse with each and writes nothing when some are in use", () => {
  using sysfs = card([{}, {}, { ifname: undefined }, { driver: "vfio-pci" }, { ifname: "used0" }]);
  const more = {
    claims: new Map([["0000:01:10.2", { owner: "web/c1/eth0", minMbps: 0 }]]),
    isUnused: (ifname: string) => ifname !== "used0",
  };
  const uses = new Map([
    ["0000:01:10.2", "held by web/c1/eth0"],
    ["0000:01:10.4", "in another network namespace"],
    ["0000:01:10.6", "with the driver vfio-pci"],
    ["0000:01:11.0", "in use on the host"],
  ]);
  expect(() => setTo(sysfs, 7, more)).toThrow(new VfsInUse("ens1", uses));
  expect(numVfs(sysfs)).toBe("5\n");
});

test("setNumVfs() throws NumVfsRefused when the card's driver has no such file", () => {
  using sysfs = card([]);
  const pf = { ifname: "ens9", pciAddress: "0000:09:00.0", driver: "", totalVfs: 7, numVfs: 0 };
  expect(() => setTo(sysfs, 2, { pf })).toThrow("ens9 cannot have 2 VFs: no driver with SR-IOV has the card");
});
