/** Sets how many VFs a physical function has: only on explicit request, and refused while a VF is in use. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { isErrno } from "../linux/error.ts";
import { readTextFile, writeInPlace } from "../linux/file.ts";
import type { VfClaim } from "./claims.ts";
import { useOf } from "./fitness.ts";
import { deviceDirectory, listVfAddresses, type Pf } from "./sysfs.ts";

export interface NumVfs {
  readonly sysfs: string;
  readonly pf: Pf;
  readonly count: number;
  /** All of the node, read under the lock that the caller holds. */
  readonly claims: ReadonlyMap<string, VfClaim>;
  /** Whether the host makes no use of an interface. */
  isUnused(ifname: string): boolean;
}

/** VFs that would vanish from under whoever has them. */
export class VfsInUse extends PodwireError {
  override readonly name = "VfsInUse";
  readonly pf: string;
  /** PCI address → holder, or what it is used for. */
  readonly uses: ReadonlyMap<string, string>;

  constructor(pf: string, uses: ReadonlyMap<string, string>) {
    const list = [...uses].map(([pciAddress, use]) => `${pciAddress} ${use}`).join(", ");
    super(`the VFs of ${pf} cannot be changed while some are in use: ${list}`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "delete the pods that have them first",
    });
    this.pf = pf;
    this.uses = uses;
  }
}

/** The card, its driver or the machine gives no such number of VFs. */
export class NumVfsRefused extends PodwireError {
  override readonly name = "NumVfsRefused";
  readonly pf: string;
  readonly count: number;

  constructor({ pf, count }: NumVfs, reason: string, cause?: unknown) {
    super(`${pf.ifname} cannot have ${count} VFs: ${reason}`, { code: CNI_ERROR.kernel, advice: "", cause });
    this.pf = pf.ifname;
    this.count = count;
  }
}

/**
 * Gives a physical function `count` VFs; like `echo N > /sys/class/net/PF/device/sriov_numvfs`.
 *
 * A card that has some loses them all first: there is no way from one number to another (EBUSY). New VFs have no
 * settings, and bear names of the kernel's choice.
 * @throws {VfsInUse} nothing was changed
 * @throws {NumVfsRefused} more than the card has (nothing was changed), or by the driver (it has none now)
 * @see Documentation/PCI/pci-iov-howto.rst of the kernel
 */
export function setNumVfs(wanted: NumVfs): void {
  const { sysfs, pf, count } = wanted;
  if (count === pf.numVfs) return;
  if (count > pf.totalVfs) throw new NumVfsRefused(wanted, `the card has ${pf.totalVfs} at most`);
  const uses = usesOf(wanted);
  if (uses.size > 0) throw new VfsInUse(pf.ifname, uses);
  const path = `${deviceDirectory(sysfs, pf.pciAddress)}/sriov_numvfs`;
  try {
    if (pf.numVfs > 0) writeInPlace(path, "0");
    if (count > 0) writeInPlace(path, String(count));
  } catch (cause) {
    throw new NumVfsRefused(wanted, reasonOf(cause), cause);
  }
  const present = Number(readTextFile(path));
  if (present !== count) throw new NumVfsRefused(wanted, `its driver made ${present}`);
}

function usesOf({ sysfs, pf, claims, isUnused }: NumVfs): Map<string, string> {
  const uses = new Map<string, string>();
  for (const pciAddress of listVfAddresses(sysfs, pf)) {
    const holder = claims.get(pciAddress)?.owner;
    const use = holder === undefined ? useOf(pciAddress, { sysfs, isUnused }) : `held by ${holder}`;
    if (use !== undefined) uses.set(pciAddress, use);
  }
  return uses;
}

/** What sriov_numvfs_store (drivers/pci/pci-sysfs.c) and drivers answer. */
function reasonOf(cause: unknown): string {
  if (isErrno(cause, "ERANGE")) return "that is more than the card has";
  if (isErrno(cause, "EBUSY")) return "somebody else is changing it; try again";
  if (isErrno(cause, "ENOENT")) return "no driver with SR-IOV has the card (readlink its driver in sysfs)";
  if (isErrno(cause, "ENOMEM", "ENOSPC", "EIO"))
    return "the firmware left no addresses or bus numbers for them (kernel parameters pci=realloc, pci=assign-busses)";
  if (isErrno(cause, "EACCES", "EPERM", "EROFS")) return "run as root where /sys can be written";
  return `${cause instanceof Error ? cause.message : String(cause)} (dmesg may say more)`;
}
