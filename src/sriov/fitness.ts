/** Whether a VF without a claim can be given to a pod. */

import { readDriver, readDriverOverride, readIfname } from "./sysfs.ts";

export interface FitnessRules {
  /** Root of sysfs: "/sys" except in tests. */
  readonly sysfs: string;
  /** netdev: it must have an interface here. vfio-pci: it must have that driver. */
  readonly driver: "netdev" | "vfio-pci";
  /** With vfio-pci: one that has another driver will be bound. */
  readonly bind?: boolean;
  /** Whether the host makes no use of an interface: it is down, without addresses, a port of nothing. */
  isUnused(ifname: string): boolean;
}

/** Drivers that hand a device to a program: there is no interface, and no knowing who uses it. */
const USERSPACE_DRIVERS: readonly string[] = ["vfio-pci", "uio_pci_generic", "igb_uio"];

/** Why a VF cannot be taken, in words that stand behind a number of VFs; undefined where it can. */
export function unfitnessOf(pciAddress: string, rules: FitnessRules): string | undefined {
  const { sysfs, driver: wanted } = rules;
  const driver = readDriver(sysfs, pciAddress);
  if (wanted === "vfio-pci") {
    if (driver === wanted) return undefined;
    if (rules.bind !== true) return driver === "" ? "without a driver" : `with the driver ${driver}`;
  }
  const override = readDriverOverride(sysfs, pciAddress);
  if (override !== undefined) return `set apart for the driver ${override}`;
  if (driver === "") return wanted === "netdev" ? "without a driver" : undefined;
  return useOf(pciAddress, rules);
}

/** How a VF is used, as far as one can see; undefined where it is not. */
export function useOf(
  pciAddress: string,
  { sysfs, isUnused }: Pick<FitnessRules, "sysfs" | "isUnused">,
): string | undefined {
  const driver = readDriver(sysfs, pciAddress);
  if (driver === "") return undefined;
  if (USERSPACE_DRIVERS.includes(driver)) return `with the driver ${driver}`;
  const ifname = readIfname(sysfs, pciAddress);
  if (ifname === undefined) return "in another network namespace";
  return isUnused(ifname) ? undefined : "in use on the host";
}
