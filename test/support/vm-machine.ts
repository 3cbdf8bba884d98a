/** What a test virtual machine is made of: QEMU's options, the kernel's, and the guest's first file system. */

import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { cpio } from "./cpio.ts";
import { PODWIRE } from "./node.ts";
import { CACHE } from "./reference.ts";
import { trafficTool } from "./traffic.ts";

export interface VmOptions {
  /** How many SR-IOV cards there are, all on one wire; eth0, eth1, … in the guest. */
  readonly cards?: number;
  /** Whether there is an IOMMU, as vfio-pci wants. */
  readonly hasIommu?: boolean;
  /** More executables: path in the guest to path here. */
  readonly files?: Readonly<Record<string, string>>;
}

const PREPARED = join(CACHE, "podwire/vm");
const GUEST = resolve(import.meta.dirname, "guest");

const INITRD = "initrd";
/** Name of the file in the machine's folder that the kernel's console goes to. */
export const CONSOLE = "console.log";

/** The program and its options; the agent's port is standard input and output. */
export function commandOf(folder: string, { cards = 2, hasIommu = false }: VmOptions): string[] {
  const append = `console=ttyS0 quiet net.ifnames=0 panic=-1 oops=panic${hasIommu ? " intel_iommu=on iommu=pt" : ""}`;
  return [
    ...[prepared("qemu/run"), "-nodefaults", "-nographic", "-no-reboot", "-accel", accelerator()],
    ...["-machine", "q35", "-cpu", "max", "-smp", "2", "-m", "1024"],
    ...(hasIommu ? ["-device", "intel-iommu"] : []),
    ...["-kernel", prepared("linux/vmlinuz"), "-initrd", join(folder, INITRD), "-append", append],
    ...["-serial", `file:${join(folder, CONSOLE)}`],
    ...["-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-pci,addr=10"],
    ...["-device", "virtserialport,chardev=agent,name=agent"],
    ...Array.from({ length: cards }, (_, index) => card(index)).flat(),
  ];
}

/** KVM where it was seen to work in this boot of the machine, else software emulation. */
function accelerator(): string {
  const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  return readFileSync(prepared(`accelerator-${boot}`), "utf8").trim();
}

function card(index: number): string[] {
  return [
    ...["-device", `pcie-root-port,id=port${index},slot=${index + 1},addr=${index + 1}`],
    ...["-netdev", `hubport,hubid=0,id=wire${index}`],
    ...["-device", `igb,bus=port${index},netdev=wire${index},mac=52:54:00:aa:00:0${index + 1}`],
  ];
}

/** The guest's Debian with podwire, the tools of the tests and what the test asks for put over it. */
export function writeInitrd(folder: string, { files = {} }: VmOptions): void {
  const own = {
    init: join(GUEST, "init"),
    agent: join(GUEST, "agent"),
    "bin/list-sysfs": join(GUEST, "list-sysfs"),
    "bin/reset-node": join(GUEST, "reset-node"),
    "bin/podwire": PODWIRE,
    "bin/traffic": trafficTool(),
  };
  const added = Object.entries({ ...own, ...files });
  const archive = cpio(added.map(([path, source]) => ({ path, content: readFileSync(source) })));
  const recipe = createHash("sha256").update(readFileSync("scripts/vm")).digest("hex").slice(0, 12);
  const fd = openSync(join(folder, INITRD), "w");
  for (const part of [readFileSync(prepared(`guest-${recipe}.cpio`)), ...archive]) writeSync(fd, part);
  closeSync(fd);
}

function prepared(name: string): string {
  const path = join(PREPARED, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; run scripts/vm to prepare it`);
  return path;
}
