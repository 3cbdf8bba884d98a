/** What is written to the PCI bus for a change of drivers; that the kernel obeys is tried in test/vm. */

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { bindDriver, type FirstDriver, restoreDriver } from "../../../src/sriov/driver.ts";
import { FakeSysfs, type FakeVf } from "../../support/sriov/fake-sysfs.ts";

const VF = "0000:01:10.0";

function card(vf: FakeVf): FakeSysfs {
  return new FakeSysfs([{ ifname: "ens1", bus: "01", vfs: [vf] }]);
}

function restore(sysfs: FakeSysfs, before: FirstDriver): void {
  restoreDriver(sysfs.root, VF, { ...before, bound: "vfio-pci" });
}

function written(sysfs: FakeSysfs, path: string): string {
  return readFileSync(join(sysfs.root, path), "utf8");
}

test("bindDriver() sets the VF apart, unbinds it and has it probed when it has another driver", () => {
  using sysfs = card({ driverOverride: "" });
  sysfs.loadDriver("vfio-pci");
  expect(() => bindDriver(sysfs.root, VF, "vfio-pci")).toThrow(
    `VF ${VF} cannot be bound to vfio-pci: it has the driver igbvf; is the IOMMU on (intel_iommu=on on the kernel's command line)?`,
  );
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toBe("vfio-pci");
  expect(written(sysfs, "bus/pci/drivers/igbvf/unbind")).toBe(VF);
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe(VF);
});

test("bindDriver() throws and writes nothing when the driver is not loaded", () => {
  using sysfs = card({});
  expect(() => bindDriver(sysfs.root, VF, "vfio-pci")).toThrow(
    `VF ${VF} cannot be bound to vfio-pci: the driver is not loaded (modprobe vfio-pci)`,
  );
  expect(written(sysfs, "bus/pci/drivers/igbvf/unbind")).toBe("");
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toBe("(null)\n");
});

test("bindDriver() writes nothing when the VF has that driver", () => {
  using sysfs = card({ driver: "vfio-pci" });
  bindDriver(sysfs.root, VF, "vfio-pci");
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe("");
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toBe("(null)\n");
});

test("bindDriver() has a VF probed without an unbinding when it has no driver", () => {
  using sysfs = card({ driver: "" });
  sysfs.loadDriver("vfio-pci");
  expect(() => bindDriver(sysfs.root, VF, "vfio-pci")).toThrow("it has no driver now");
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe(VF);
});

test("bindDriver() says so when there is no such device", () => {
  using sysfs = card({});
  sysfs.loadDriver("vfio-pci");
  expect(() => bindDriver(sysfs.root, "0000:7f:00.0", "vfio-pci")).toThrow("no such device");
});

test("restoreDriver() clears the override alone when the VF has its driver already", () => {
  using sysfs = card({ driverOverride: "" });
  sysfs.write(`${sysfs.device(VF)}/driver_override`, "vfio-pci");
  restore(sysfs, { driver: "igbvf" });
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toMatch(/^\n/);
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe("");
});

test("restoreDriver() sets the operator's override again when that is what there was", () => {
  using sysfs = card({ driverOverride: "" });
  sysfs.write(`${sysfs.device(VF)}/driver_override`, "vfio-pci");
  restore(sysfs, { driver: "igbvf", driverOverride: "igbvf" });
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toMatch(/^igbvf/);
});

test.for<[when: string, before: FirstDriver, vf: FakeVf]>([
  ["it has its driver", { driver: "igbvf" }, {}],
  [
    "it has had that one from the start",
    { driver: "vfio-pci", driverOverride: "vfio-pci" },
    { driver: "vfio-pci", driverOverride: "vfio-pci" },
  ],
  ["it has had none from the start", { driver: "" }, { driver: "" }],
  ["somebody sets it apart for a third driver", { driver: "igbvf" }, { driverOverride: "uio_pci_generic" }],
  ["somebody has given it to a third driver", { driver: "igbvf" }, { driver: "uio", driverOverride: "uio" }],
])("restoreDriver() writes nothing when %s", ([, before, vf]) => {
  using sysfs = card(vf);
  const override = written(sysfs, `${sysfs.device(VF)}/driver_override`);
  restore(sysfs, before);
  expect(written(sysfs, `${sysfs.device(VF)}/driver_override`)).toBe(override);
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe("");
});

test("restoreDriver() unbinds the VF and has it probed when it has another driver", () => {
  using sysfs = card({ driver: "vfio-pci", driverOverride: "vfio-pci" });
  expect(() => restore(sysfs, { driver: "igbvf" })).toThrow(
    `VF ${VF} cannot be bound to igbvf: it has the driver vfio-pci`,
  );
  expect(written(sysfs, "bus/pci/drivers/vfio-pci/unbind")).toBe(VF);
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe(VF);
});

test("restoreDriver() has the VF probed when another call was killed before it did so", () => {
  using sysfs = card({ driver: "" });
  expect(() => restore(sysfs, { driver: "igbvf" })).toThrow("it has no driver now");
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe(VF);
});

test("restoreDriver() unbinds the VF and has it not probed when it had no driver", () => {
  using sysfs = card({ driver: "vfio-pci", driverOverride: "vfio-pci" });
  expect(() => restore(sysfs, { driver: "" })).toThrow("cannot be taken from its driver");
  expect(written(sysfs, "bus/pci/drivers/vfio-pci/unbind")).toBe(VF);
  expect(written(sysfs, "bus/pci/drivers_probe")).toBe("");
});
