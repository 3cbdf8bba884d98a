/** A sysfs tree of SR-IOV cards in a directory: real device directories and the relative links that the kernel makes to them. */

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
    for (const directory of ["bus/pci/devices", "bus/pci/drivers", "class/net"]) {
      mkdirSync(join(this.root, directory), { recursive: true });
    }
    this.write("bus/pci/drivers_probe", "");
    for (const pf of pfs) this.#addPf(pf);
  }

  /** Directory of a device, below the root. */
  device(pciAddress: string): string {
    return `${ROOT_PORT}/${pciAddress}`;
  }

  /** Makes a file with its directories; a line end is put behind the text, as the kernel does. */
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

  removeDirectory(path: string): void {
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
    const directory = this.#addDevice(address, "igb");
    this.write(`${directory}/sriov_totalvfs`, String(totalVfs));
    this.write(`${directory}/sriov_numvfs`, String(vfs.length));
    this.write(`${directory}/sriov_offset`, String(OFFSET));
    this.write(`${directory}/sriov_stride`, String(STRIDE));
    for (const [name, port] of Object.entries(representors)) {
      this.#addInterface(name, directory);
      this.write(`${directory}/net/${name}/phys_port_name`, port);
    }
    this.#addInterface(ifname, directory);
    this.write(`${directory}/net/${ifname}/speed`, speed);
    for (const [index, vf] of vfs.entries())
      this.#addVf({ ...vf, ifname: vfIfname(ifname, index, vf) }, address, index);
  }

  #addVf(
    { driver = "igbvf", ifname, driverOverride = "(null)", iommuGroup }: FakeVf,
    pf: string,
    index: number,
  ) {
    const address = vfAddress(pf, index);
    const directory = this.#addDevice(address, driver);
    this.link(`${this.device(pf)}/virtfn${index}`, directory);
    this.link(`${directory}/physfn`, this.device(pf));
    this.write(`${directory}/driver_override`, driverOverride);
    if (iommuGroup !== undefined) this.link(`${directory}/iommu_group`, `kernel/iommu_groups/${iommuGroup}`);
    if (ifname !== undefined) this.#addInterface(ifname, directory);
  }

  #addDevice(address: string, driver: string): string {
    const directory = this.device(address);
    mkdirSync(join(this.root, directory), { recursive: true });
    this.link(`bus/pci/devices/${address}`, directory);
    if (driver !== "") {
      this.loadDriver(driver);
      this.link(`${directory}/driver`, `bus/pci/drivers/${driver}`);
      this.link(`bus/pci/drivers/${driver}/${address}`, directory);
    }
    return directory;
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
