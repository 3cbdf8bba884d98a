/** Where VFs are on the PCI bus: reckoned from their physical function's place, since a card may have hundreds of them. */

/** How a card places its VFs, in PCI functions: `sriov_offset` and `sriov_stride` of its directory in sysfs. */
export interface VfSpacing {
  /** From the physical function to the first VF. */
  readonly offset: number;
  /** From each VF to the next. */
  readonly stride: number;
}

const FUNCTIONS_OF_BUS = 256;
const FUNCTIONS_OF_DEVICE = 8;

/** PCI address of the VF with that number. @see pci_iov_virtfn_bus, pci_iov_virtfn_devfn in drivers/pci/iov.c */
export function vfAddressAt(pfPciAddress: string, { offset, stride }: VfSpacing, index: number): string {
  const place = placeOf(pfPciAddress) + offset + stride * index;
  const onBus = place % FUNCTIONS_OF_BUS;
  const bus = toHex(Math.floor(place / FUNCTIONS_OF_BUS));
  return `${domainOf(pfPciAddress)}:${bus}:${toHex(onBus >> 3)}.${onBus % FUNCTIONS_OF_DEVICE}`;
}

/** Index that the VF at that address would have; not an integer, or below 0, where there can be none. */
export function vfIndexAt(pfPciAddress: string, { offset, stride }: VfSpacing, pciAddress: string): number {
  return (placeOf(pciAddress) - placeOf(pfPciAddress) - offset) / stride;
}

/** "0000:01:10.2" as a number of PCI functions, the domain left away. */
function placeOf(pciAddress: string): number {
  const busAt = pciAddress.indexOf(":") + 1;
  const bus = Number.parseInt(pciAddress.slice(busAt), 16);
  const device = Number.parseInt(pciAddress.slice(pciAddress.indexOf(":", busAt) + 1), 16);
  const function_ = Number(pciAddress.slice(pciAddress.indexOf(".") + 1));
  return bus * FUNCTIONS_OF_BUS + device * FUNCTIONS_OF_DEVICE + function_;
}

function domainOf(pciAddress: string): string {
  return pciAddress.slice(0, pciAddress.indexOf(":"));
}

function toHex(value: number): string {
  return value.toString(16).padStart(2, "0");
}
