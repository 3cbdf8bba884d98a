/** What a test virtual machine is made of: QEMU's options, the kernel's, and the guest's first file system. */

import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, writeSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { compiled } from "../build/compile.ts";
import { PODWIRE } from "../node/node.ts";
import { CACHE, referenceTool } from "../reference/reference.ts";
import { throughputTool } from "../traffic/throughput.ts";
import { trafficTool } from "../traffic/traffic.ts";
import { cpio } from "./cpio.ts";

const PREPARED = join(CACHE, "podwire/vm");
const GUEST = resolve(import.meta.dirname, "../guest");

/** Executables that the guest reads from here when it runs them: path there to path here. */
const EXECUTABLES = {
  "bin/podwire": PODWIRE,
  "bin/bun": resolve("node_modules/@oven/bun-linux-x64/bin/bun"),
  "bin/cnitool": referenceTool("cnitool"),
  "reference/bridge": referenceTool("bridge"),
  "reference/host-local": referenceTool("host-local"),
};
const DIRECTORIES = [...new Set(Object.values(EXECUTABLES).map(dirname))];

/** On the bus, behind those of the cards and the agent's port. */
const FIRST_DIRECTORY_SLOT = 0x11;

const INITRD = "initrd";
/** Name of the file in the machine's directory that the kernel's console goes to. */
export const CONSOLE = "console.log";

/** How many SR-IOV cards there are, all on one wire; eth0, eth1, … in the guest. */
const CARDS = 2;

// On a busy machine the timer is late, which the kernel's check of it would take for a fault of the interrupts.
const APPEND =
  "console=ttyS0 quiet net.ifnames=0 panic=-1 oops=panic no_timer_check intel_iommu=on iommu=pt clearcpuid=rep_good";

/** Without the string instructions, and rep_good above: a kernel that clears and copies pages by them is emulated slowly. */
const CPU = "max,erms=off,fsrm=off";

/**
 * The program and its options; the agent's port is standard input and output. There is one processor: an emulated second
 * one makes nothing faster, and igbvf waits for igb's answer for a millisecond (E1000_VF_INIT_TIMEOUT in
 * drivers/net/ethernet/intel/igbvf/vf.h), in which it may not have its turn: then a function has no wire for seconds.
 */
export function commandOf(directory: string): string[] {
  return [
    ...[prepared("qemu/run"), "-nodefaults", "-nographic", "-no-reboot", "-accel", accelerator()],
    ...["-machine", "q35", "-cpu", CPU, "-m", "1024", "-device", "intel-iommu"],
    ...["-kernel", prepared("linux/vmlinuz"), "-initrd", join(directory, INITRD), "-append", APPEND],
    ...["-serial", `file:${join(directory, CONSOLE)}`],
    ...["-chardev", "stdio,id=agent,signal=off", "-device", "virtio-serial-pci,addr=10"],
    ...["-device", "virtserialport,chardev=agent,name=agent"],
    ...DIRECTORIES.flatMap(share),
    ...Array.from({ length: CARDS }, (_, index) => card(index)).flat(),
  ];
}

/** Where the guest has the directory of a file mounted, and the file in it. */
function inGuest(path: string): string {
  return `/host/directory${DIRECTORIES.indexOf(dirname(path))}/${basename(path)}`;
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

/** A directory of this machine, for the guest to read. */
function share(path: string, index: number): string[] {
  const slot = (FIRST_DIRECTORY_SLOT + index).toString(16);
  return [
    ...["-fsdev", `local,id=directory${index},path=${path},security_model=none,readonly=on`],
    ...["-device", `virtio-9p-pci,fsdev=directory${index},mount_tag=directory${index},addr=${slot}`],
  ];
}

/** The guest's Debian with podwire and the tools of the tests put over it. */
export function writeInitrd(directory: string): void {
  const added = {
    init: join(GUEST, "init"),
    agent: compiled("guest/agent"),
    "bin/list-sysfs": join(GUEST, "list-sysfs"),
    "bin/reset-node": join(GUEST, "reset-node"),
    "bin/traffic": trafficTool(),
    "bin/throughput": throughputTool(),
  };
  const archive = cpio([
    ...Object.entries(added).map(([path, source]) => ({ path, content: readFileSync(source) })),
    ...Object.entries(EXECUTABLES).map(([path, source]) => ({ path, target: inGuest(source) })),
  ]);
  const recipe = createHash("sha256").update(readFileSync("scripts/vm")).digest("hex").slice(0, 12);
  const fd = openSync(join(directory, INITRD), "w");
  for (const part of [readFileSync(prepared(`guest-${recipe}.cpio`)), ...archive]) writeSync(fd, part);
  closeSync(fd);
}

function prepared(name: string): string {
  const path = join(PREPARED, name);
  if (!existsSync(path)) throw new Error(`${path} is missing; run scripts/vm to prepare it`);
  return path;
}
