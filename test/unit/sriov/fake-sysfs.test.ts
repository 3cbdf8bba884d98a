import { lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { FakeSysfs } from "../../support/sriov/fake-sysfs.ts";
import { type SysfsEntry, sysfsEntries } from "../../support/sriov/sysfs-listing.ts";

function entryOf(file: string): SysfsEntry | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (stat.isSymbolicLink()) return { kind: "link", value: readlinkSync(file) };
  if (stat.isDirectory()) return { kind: "directory", value: "" };
  return { kind: "file", value: readFileSync(file, "utf8").trimEnd() };
}

test("FakeSysfs has what the kernel shows when it stands for the emulated card", () => {
  const vfs = [{ ifname: "eth2" }, { ifname: "eth3" }, { ifname: "eth4" }];
  using fake = new FakeSysfs([{ ifname: "eth0", bus: "01", vfs, speed: "1000" }]);
  const real = [...sysfsEntries()].map(([path, entry]) => ({
    path,
    entry,
    made: entryOf(join(fake.root, path)),
  }));
  const common = real.filter(({ made }) => made !== undefined);
  expect(common.map(({ path, made }) => [path, made])).toEqual(
    common.map(({ path, entry }) => [path, entry]),
  );
  expect(common.length).toBeGreaterThan(40);
});
