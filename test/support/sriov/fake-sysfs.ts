/** A sysfs tree of SR-IOV cards in a folder: real device folders and the relative links that the kernel makes to them. */

import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";

export interface FakeVf {
  /** Empty: bound to none. Default: igbvf. */
  readonly driver?: string;
  /** Default: `<ifname of the PF>v<index>`; undefined: not in this network namespace. */
  readonly ifname?: string | undefined;
  readonly driverOverride?: string;
  readonly iommuGroup?: number;
}

export interface FakePf {
  readonly ifname: string;
  /** Where the card sits: its PCI address is `0000:<bus>:00.0`, the VFs are on the same bus. */
  readonly bus: string;
  /** Default: as many as there are VFs, at least 7. */
  readonly totalVfs?: number;
  readonly vfs: readonly FakeVf[];
  /** Text of the file `speed`; default "10000". */
  readonly speed?: string;
  /** Further interfaces of the same device by their `phys_port_name`. */
  readonly representors?: Readonly<Record<string, string>>;
}

/** As igb places its VFs, in PCI functions. */
const OFFSET = 128;
const STRIDE = 2;
const ROOT_PORT = "devices/pci0000:00/0000:00:01.0";

export class FakeSysfs {
  readonly root = mkdtempSync(join(tmpdir(), "sysfs-"));

  constructor(pfs: readonly FakePf[]) {
    for (const folder of ["bus/pci/devices", "bus/pci/drivers", "class/net"]) {
      mkdirSync(join(this.root, folder), { recursive: true });
    }
    this.write("bus/pci/drivers_probe", "");
    for (const pf of pfs) this.#addPf(pf);
  }

  /** Folder of a device, below the root. */
  device(pciAddress: string): string {
    return `${ROOT_PORT}/${pciAddress}`;
  }

  /** Makes a file with its folders; a line end is put behind the text, as the kernel does. */
  write(path: string, text: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text === "" ? "" : `${text}\n`);
  }

  /** Makes a symbolic link from `path` to `target`, both below the root; like the kernel's it ends with the target's name. */
  link(path: string, target: string): void {
    const file = join(this.root, path);
    mkdirSync(dirname(file), { recursive: true });
    symlinkSync(join(relative(dirname(path), dirname(target)), basename(target)), file);
  }

  removeFolder(path: string): void {
    rmSync(join(this.root, path), { recursive: true });
  }

  loadDriver(name: string): void {
    mkdirSync(join(this.root, `bus/pci/drivers/${name}`), { recursive: true });
    for (const file of ["bind", "unbind"]) this.write(`bus/pci/drivers/${name}/${file}`, "");
  }

  #addPf({
    ifname,
    bus,
    vfs,
    totalVfs = Math.max(7, vfs.length),
    speed = "10000",
    representors = {},
  }: FakePf) {
    const address = `0000:${bus}:00.0`;
    const folder = this.#addDevice(address, "igb");
    this.write(`${folder}/sriov_totalvfs`, String(totalVfs));
    this.write(`${folder}/sriov_numvfs`, String(vfs.length));
    this.write(`${folder}/sriov_offset`, String(OFFSET));
    this.write(`${folder}/sriov_stride`, String(STRIDE));
    for (const [name, port] of Object.entries(representors)) {
      this.#addInterface(name, folder);
      this.write(`${folder}/net/${name}/phys_port_name`, port);
    }
    this.#addInterface(ifname, folder);
    this.write(`${folder}/net/${ifname}/speed`, speed);
    for (const [index, vf] of vfs.entries())
      this.#addVf({ ...vf, ifname: vfIfname(ifname, index, vf) }, address, index);
  }

  #addVf(
    { driver = "igbvf", ifname, driverOverride = "(null)", iommuGroup }: FakeVf,
    pf: string,
    index: number,
  ) {
    const address = vfAddress(pf, index);
    const folder = this.#addDevice(address, driver);
    this.link(`${this.device(pf)}/virtfn${index}`, folder);
    this.link(`${folder}/physfn`, this.device(pf));
    this.write(`${folder}/driver_override`, driverOverride);
    if (iommuGroup !== undefined) this.link(`${folder}/iommu_group`, `kernel/iommu_groups/${iommuGroup}`);
    if (ifname !== undefined) this.#addInterface(ifname, folder);
  }

  #addDevice(address: string, driver: string): string {
    const folder = this.device(address);
    mkdirSync(join(this.root, folder), { recursive: true });
    this.link(`bus/pci/devices/${address}`, folder);
    if (driver !== "") {
      this.loadDriver(driver);
      this.link(`${folder}/driver`, `bus/pci/drivers/${driver}`);
      this.link(`bus/pci/drivers/${driver}/${address}`, folder);
    }
    return folder;
  }

  #addInterface(ifname: string, device: string): void {
    mkdirSync(join(this.root, `${device}/net/${ifname}`), { recursive: true });
    this.link(`${device}/net/${ifname}/device`, device);
    this.link(`class/net/${ifname}`, `${device}/net/${ifname}`);
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true });
  }
}

function vfIfname(pf: string, index: number, vf: FakeVf): string | undefined {
  if ("ifname" in vf) return vf.ifname;
  return vf.driver === undefined || vf.driver.endsWith("vf") ? `${pf}v${index}` : undefined;
}

/** PCI address of a VF by that of its physical function, at function 0 of device 0. */
export function vfAddress(pf: string, index: number): string {
  const function_ = OFFSET + STRIDE * index;
  const [domain, bus = "0"] = pf.split(":");
  const busNumber = Number.parseInt(bus, 16) + (function_ >> 8);
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `${domain}:${hex(busNumber)}:${hex((function_ >> 3) & 0x1f)}.${function_ & 7}`;
}
