/** Which driver has a VF: taken from one, given to another, by the files of the PCI bus. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { isErrno } from "../linux/error.ts";
import { exists, writeInPlace } from "../linux/file.ts";
import { deviceDirectory, readDriver, readDriverOverride } from "./sysfs.ts";

export class DriverNotBound extends PodwireError {
  override readonly name = "DriverNotBound";
  readonly pciAddress: string;
  /** The driver that was wanted; empty for none. */
  readonly driver: string;

  constructor(pciAddress: string, driver: string, { reason, cause }: { reason: string; cause?: unknown }) {
    const wanted = driver === "" ? "taken from its driver" : `bound to ${driver}`;
    super(`VF ${pciAddress} cannot be ${wanted}: ${reason}`, {
      code: CNI_ERROR.kernel,
      advice: "the VF is as it was before",
      cause,
    });
    this.pciAddress = pciAddress;
    this.driver = driver;
  }
}

/** What an empty line makes of `driver_override`: any driver may have the device. */
const NO_OVERRIDE = "\n";

/**
 * Gives a VF to `driver`, and to no other until {@link restoreDriver}; like `driverctl set-override ADDRESS DRIVER`.
 *
 * An interface of the VF is gone afterwards. Nothing happens where it has that driver.
 * @throws {DriverNotBound} the driver is not loaded (nothing was changed), or does not take the VF (it has none now)
 * @see Documentation/ABI/testing/sysfs-bus-pci of the kernel: driver_override, unbind, drivers_probe
 */
export function bindDriver(sysfs: string, pciAddress: string, driver: string): void {
  if (readDriver(sysfs, pciAddress) === driver) return;
  if (!exists(`${sysfs}/bus/pci/drivers/${driver}`)) {
    throw new DriverNotBound(pciAddress, driver, {
      reason: `the driver is not loaded (modprobe ${driver})`,
    });
  }
  change(sysfs, pciAddress, { driver, override: driver });
}

/** A VF before {@link bindDriver}. */
export interface FirstDriver {
  /** Empty for none. */
  readonly driver: string;
  /** Absent: any driver might have it. */
  readonly driverOverride?: string;
}

/**
 * Gives a VF back to the driver that it had before it was bound to `bound`, with its former override;
 * like `driverctl unset-override`.
 *
 * Its interface, if it had one, comes back under a name of the kernel's choice. Nothing happens where all is as before,
 * or where its override has been set for a third driver meanwhile.
 * @throws {DriverNotBound} that driver is not loaded, or does not take it
 */
export function restoreDriver(
  sysfs: string,
  pciAddress: string,
  { bound, driver, driverOverride }: FirstDriver & { readonly bound: string },
): void {
  const present = readDriverOverride(sysfs, pciAddress);
  if (present !== undefined && present !== bound && present !== driverOverride) return;
  if (readDriver(sysfs, pciAddress) === driver && present === driverOverride) return;
  change(sysfs, pciAddress, { driver, override: driverOverride ?? NO_OVERRIDE });
}

interface Change {
  readonly driver: string;
  /** Content of `driver_override`. */
  readonly override: string;
}

function change(sysfs: string, pciAddress: string, { driver, override }: Change): void {
  const directory = deviceDirectory(sysfs, pciAddress);
  try {
    writeInPlace(`${directory}/driver_override`, override);
    const current = readDriver(sysfs, pciAddress);
    if (current === driver) return;
    if (current !== "") writeInPlace(`${directory}/driver/unbind`, pciAddress);
    if (driver !== "") writeInPlace(`${sysfs}/bus/pci/drivers_probe`, pciAddress);
  } catch (cause) {
    throw new DriverNotBound(pciAddress, driver, { reason: reasonOf(cause), cause });
  }
  const bound = readDriver(sysfs, pciAddress);
  if (bound === driver) return;
  throw new DriverNotBound(pciAddress, driver, { reason: `${whoHas(bound)}${hintFor(driver)}` });
}

function reasonOf(cause: unknown): string {
  if (isErrno(cause, "ENOENT")) return "no such device";
  return cause instanceof Error ? cause.message : String(cause);
}

function whoHas(driver: string): string {
  return driver === "" ? "it has no driver now" : `it has the driver ${driver}`;
}

/** vfio-pci refuses a device without an IOMMU group (vfio_group_find_or_alloc, EINVAL). */
function hintFor(driver: string): string {
  return driver === "vfio-pci" ? "; is the IOMMU on (intel_iommu=on on the kernel's command line)?" : "";
}
