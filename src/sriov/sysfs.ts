/** Physical and virtual functions as sysfs shows them. `sysfs` is its root: "/sys" except in tests. */

import { listDirectory } from "../linux/directory.ts";
import { readLink } from "../linux/file.ts";
import { readNumber, readSpeedMbps, readText } from "../linux/sysfs.ts";
import { type VfSpacing, vfAddressAt, vfIndexAt } from "./vf-address.ts";

/** A physical function: a port of a card that has virtual functions. */
export interface Pf {
  readonly ifname: string;
  readonly pciAddress: string;
  /** "igb"; empty for none. */
  readonly driver: string;
  readonly totalVfs: number;
  /** How many there are now. */
  readonly numVfs: number;
  /** Absent where the driver does not say: without a carrier, for one. */
  readonly speedMbps?: number;
}

/** A virtual function. */
export interface Vf {
  /** ifname of its physical function; empty where that one has no interface in this network namespace. */
  readonly pf: string;
  readonly pfPciAddress: string;
  /** Its number on the physical function, from 0 on. */
  readonly index: number;
  /** "0000:01:10.0" */
  readonly pciAddress: string;
  /** "igbvf", "vfio-pci"; empty for none. */
  readonly driver: string;
  /** Undefined: it has none, or it is in another network namespace. */
  readonly ifname: string | undefined;
  readonly iommuGroup?: number;
  /** The only driver that may have it; absent for any. */
  readonly driverOverride?: string;
}

/** The directory of a PCI device. */
export function deviceDirectory(sysfs: string, pciAddress: string): string {
  return `${sysfs}/bus/pci/devices/${pciAddress}`;
}

/** PCI address of the device that an interface belongs to; undefined where it belongs to none. */
export function pciAddressOf(sysfs: string, ifname: string): string | undefined {
  return baseName(readLink(`${sysfs}/class/net/${ifname}/device`));
}

/** Every physical function with an interface in this network namespace, by ifname. */
export function listPfs(sysfs: string): Pf[] {
  const pfs: Pf[] = [];
  for (const ifname of listDirectory(`${sysfs}/class/net`).sort()) {
    const pf = readPf(sysfs, ifname);
    if (pf !== undefined && !isRepresentor(sysfs, ifname)) pfs.push(pf);
  }
  return pfs;
}

/** The physical function with that interface; undefined where there is none, or it has no virtual functions to give. */
export function readPf(sysfs: string, ifname: string): Pf | undefined {
  const device = `${sysfs}/class/net/${ifname}/device`;
  const totalVfs = readNumber(`${device}/sriov_totalvfs`);
  const pciAddress = pciAddressOf(sysfs, ifname);
  if (totalVfs === undefined || totalVfs === 0 || pciAddress === undefined) return undefined;
  const speedMbps = readSpeedMbps(sysfs, ifname);
  return {
    ifname,
    pciAddress,
    driver: readDriver(sysfs, pciAddress),
    totalVfs,
    numVfs: readNumber(`${device}/sriov_numvfs`) ?? 0,
    ...(speedMbps === undefined ? {} : { speedMbps }),
  };
}

/** The VF of that number; undefined where there is none. */
export function readVf(sysfs: string, pf: Pick<Pf, "ifname" | "pciAddress">, index: number): Vf | undefined {
  const pciAddress = baseName(readLink(`${deviceDirectory(sysfs, pf.pciAddress)}/virtfn${index}`));
  if (pciAddress === undefined) return undefined;
  const driverOverride = readDriverOverride(sysfs, pciAddress);
  const iommuGroup = baseName(readLink(`${deviceDirectory(sysfs, pciAddress)}/iommu_group`));
  return {
    pf: pf.ifname,
    pfPciAddress: pf.pciAddress,
    index,
    pciAddress,
    driver: readDriver(sysfs, pciAddress),
    ifname: readIfname(sysfs, pciAddress),
    ...(iommuGroup === undefined ? {} : { iommuGroup: Number(iommuGroup) }),
    ...(driverOverride === undefined ? {} : { driverOverride }),
  };
}

/** The VF at a PCI address; undefined where there is no device, or it is no VF. */
export function findVf(sysfs: string, pciAddress: string): Vf | undefined {
  const physfn = baseName(readLink(`${deviceDirectory(sysfs, pciAddress)}/physfn`));
  const spacing = physfn === undefined ? undefined : readSpacing(sysfs, physfn);
  if (physfn === undefined || spacing === undefined) return undefined;
  const pf = { ifname: readIfname(sysfs, physfn) ?? "", pciAddress: physfn };
  return readVf(sysfs, pf, vfIndexAt(physfn, spacing, pciAddress));
}

/** PCI addresses of all VFs that a physical function has, by number. */
export function listVfAddresses(sysfs: string, { pciAddress, numVfs }: Pf): string[] {
  const spacing = readSpacing(sysfs, pciAddress);
  const addresses: string[] = [];
  for (let index = 0; spacing !== undefined && index < numVfs; index++) {
    addresses.push(vfAddressAt(pciAddress, spacing, index));
  }
  return addresses;
}

function readSpacing(sysfs: string, pfPciAddress: string): VfSpacing | undefined {
  const directory = deviceDirectory(sysfs, pfPciAddress);
  const offset = readNumber(`${directory}/sriov_offset`);
  const stride = readNumber(`${directory}/sriov_stride`);
  return offset === undefined || stride === undefined ? undefined : { offset, stride };
}

/** Name of the driver that has the device; empty for none. */
export function readDriver(sysfs: string, pciAddress: string): string {
  return baseName(readLink(`${deviceDirectory(sysfs, pciAddress)}/driver`)) ?? "";
}

/**
 * Name of the device's interface; undefined where it has none in this network namespace.
 *
 * Of several it is that of the device itself, not one that stands for a VF.
 */
export function readIfname(sysfs: string, pciAddress: string): string | undefined {
  const names = listDirectory(`${deviceDirectory(sysfs, pciAddress)}/net`);
  if (names.length < 2) return names[0];
  return names.sort().find((ifname) => !isRepresentor(sysfs, ifname));
}

export function readDriverOverride(sysfs: string, pciAddress: string): string | undefined {
  const text = readText(`${deviceDirectory(sysfs, pciAddress)}/driver_override`) ?? "";
  return text === "" || text === "(null)" ? undefined : text;
}

/** An interface of a card's switch that stands for a virtual function, like "pf0vf3" (devlink-port(8)). */
function isRepresentor(sysfs: string, ifname: string): boolean {
  const port = readText(`${sysfs}/class/net/${ifname}/phys_port_name`) ?? "";
  return port.includes("pf") && (port.includes("vf") || port.includes("sf"));
}

function baseName(path: string | undefined): string | undefined {
  return path?.slice(path.lastIndexOf("/") + 1);
}
