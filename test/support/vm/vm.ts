/**
 * A virtual machine with Debian's kernel and emulated SR-IOV cards, made of what scripts/vm prepares: VLANs, virtual
 * functions, traffic control and device binding for real, on machines whose own kernel has none of them.
 */

import { type Finished, Guest } from "./vm-guest.ts";

export interface VmRunOptions {
  readonly stdin?: string;
  /** Without an answer for so long the machine counts as hanging, and answers nothing more. */
  readonly timeoutMs?: number;
}

/** A virtual function as the node sees it. */
export interface Vf {
  readonly index: number;
  /** As `0000:01:10.0`. */
  readonly pciAddress: string;
  readonly ifname: string;
}

export type Verb = "ADD" | "CHECK" | "DEL" | "GC" | "STATUS" | "VERSION";

export interface VmCall {
  readonly netconf: object | string;
  readonly containerId?: string;
  /** Name of a namespace that {@link Vm.addNetns} made, or a path; default: as containerId. */
  readonly netns?: string;
  /** Default: eth0. */
  readonly ifname?: string;
  /** CNI_ARGS. */
  readonly args?: string;
  /** A command that runs the executable, as `strace -f`. */
  readonly wrapper?: string;
}

const RUN_TIMEOUT_MS = 60_000;
let shared: Promise<Vm> | undefined;

export class Vm {
  readonly #guest: Guest;

  private constructor(guest: Guest) {
    this.#guest = guest;
  }

  /** Starts a machine and waits until it takes commands. @throws with the console's last lines where it does not */
  static async boot(): Promise<Vm> {
    return new Vm(await Guest.boot());
  }

  /**
   * The machine that all test files of this process have in common, as it was after the boot; it ends with the process.
   * Starts one where there is none yet, or where the last one has panicked.
   */
  static async shared(): Promise<Vm> {
    const known = await shared;
    if (known?.isAlive) {
      await known.reset();
      return known;
    }
    shared = Vm.boot();
    return shared;
  }

  /** Takes away everything that was not there after the boot: what a test, or a file of them, has made. */
  async reset(): Promise<void> {
    await this.sh("reset-node");
  }

  /** Whether it still answers, as far as is known. */
  get isAlive(): boolean {
    return this.#guest.isAlive;
  }

  /** Runs a shell line in the guest; several may run at the same time. */
  run(line: string, { stdin = "", timeoutMs = RUN_TIMEOUT_MS }: VmRunOptions = {}): Promise<Finished> {
    return this.#guest.run(line, stdin, timeoutMs);
  }

  /** Standard output of a shell script that ends at its first failure. @throws where it fails */
  async sh(script: string, options: VmRunOptions = {}): Promise<string> {
    const { status, stdout, stderr } = await this.run(`set -e\n${script}`, options);
    if (status !== 0) throw new Error(`${script}: exit ${status}: ${stderr}${stdout}`);
    return stdout;
  }

  /** What a command with JSON output prints: `vm.json("ip -j address show dev eth0")`; [] for no output. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  async json(script: string): Promise<any> {
    const text = (await this.sh(script)).trim();
    return text === "" ? [] : JSON.parse(text);
  }

  /** Waits until a shell line succeeds. @throws with its last output where it does not within `seconds` */
  async until(line: string, seconds = 30): Promise<void> {
    await this.sh(
      `end=$(($(date +%s) + ${seconds}))
      until out=$( (${line}) 2>&1); do
        [ $(date +%s) -lt $end ] || { echo "not within ${seconds} s: $out"; exit 1; }
        sleep 0.05
      done`,
      { timeoutMs: seconds * 1000 + RUN_TIMEOUT_MS },
    );
  }

  /** Makes a pod's network namespace and gives its path. */
  async addNetns(name: string): Promise<string> {
    await this.sh(`ip netns add ${name}; ip -n ${name} link set lo up`);
    return `/run/netns/${name}`;
  }

  /** Makes virtual functions of a physical function that is set up for it; all of them can be used at once. */
  async addVfs(pf: string, count: number): Promise<Vf[]> {
    const device = `/sys/class/net/${pf}/device`;
    const hasCarrier = `grep -q 1 /sys/class/net/${pf}/carrier`;
    await this.sh(`ip link set ${pf} up`);
    await this.until(hasCarrier);
    // igb resets itself when functions are made. Those whose driver came before that have no wire for ten seconds.
    await this.sh(`echo 0 > ${device}/sriov_drivers_autoprobe; echo ${count} > ${device}/sriov_numvfs`);
    await this.until(hasCarrier);
    await this.sh(`echo 1 > ${device}/sriov_drivers_autoprobe
      for vf in ${device}/virtfn*; do basename $(readlink $vf) > /sys/bus/pci/drivers_probe; done`);
    await this.until(`[ $(ls -d ${device}/virtfn*/net/* | wc -l) = ${count} ]`);
    const lines = await this.sh(
      `for vf in ${device}/virtfn*; do echo \${vf##*virtfn} $(basename $(readlink $vf)) $(ls $vf/net); done`,
    );
    const vfs = lines.trim().split("\n").map(toVf);
    return vfs.sort((a, b) => a.index - b.index);
  }

  /** Takes all virtual functions of a physical function away, and sets it down. */
  async removeVfs(pf: string): Promise<void> {
    await this.sh(`echo 0 > /sys/class/net/${pf}/device/sriov_numvfs; ip link set ${pf} down`);
  }

  /** Makes a netdevsim card with that interface: it takes every setting of its functions, which have no interfaces. */
  async addSimulatedPf(ifname: string, vfs: number): Promise<void> {
    await this.sh('modprobe netdevsim; echo "1 1" > /sys/bus/netdevsim/new_device');
    await this.until("ls -d /sys/bus/netdevsim/devices/netdevsim1/net/*");
    await this.sh(`ip link set $(ls /sys/bus/netdevsim/devices/netdevsim1/net) name ${ifname}
      echo ${vfs} > /sys/bus/netdevsim/devices/netdevsim1/sriov_numvfs`);
  }

  /** Moves an interface into a namespace under another name, with an address, and waits until the wire is there. */
  async moveLink(ifname: string, netns: string, address: string): Promise<void> {
    await this.sh(`ip link set ${ifname} netns ${netns} name eth0
      ip -n ${netns} address add ${address} dev eth0 nodad
      ip -n ${netns} link set eth0 up`);
    await this.until(`ip -n ${netns} link show eth0 | grep -q LOWER_UP`);
  }

  /** Moves a namespace's eth0 back to the node under its own name, and removes the namespace. */
  async takeBack(ifname: string, netns: string): Promise<void> {
    await this.sh(`ip -n ${netns} link set eth0 down
      ip -n ${netns} link set eth0 netns 1 name ${ifname}; ip netns del ${netns}`);
  }

  /** One plugin call as a runtime makes it; `result` is the document on standard output, undefined where it is empty. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  async cni(verb: Verb, call: VmCall): Promise<Finished & { result: any }> {
    const { netconf } = call;
    const stdin = typeof netconf === "string" ? netconf : JSON.stringify(netconf);
    const done = await this.run(cniLine(verb, call), { stdin });
    return { ...done, result: done.stdout.trim() === "" ? undefined : JSON.parse(done.stdout) };
  }

  /** What QEMU itself said, and the console's last lines. */
  tail(): string {
    return this.#guest.tail();
  }

  /** Ends the machine. */
  close(): Promise<void> {
    return this.#guest.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The words of a plugin call, which reads its configuration from standard input. */
export function cniLine(verb: Verb, call: Omit<VmCall, "netconf">): string {
  const { containerId = "c1", netns = containerId, ifname = "eth0", args = "", wrapper = "" } = call;
  const env = {
    CNI_COMMAND: verb,
    CNI_CONTAINERID: containerId,
    CNI_NETNS: netns === "" || netns.startsWith("/") ? netns : `/run/netns/${netns}`,
    CNI_IFNAME: ifname,
    CNI_ARGS: args,
    CNI_PATH: "/bin",
  };
  const words = Object.entries(env).map(([name, value]) => `${name}='${value}'`);
  return `${words.join(" ")} ${wrapper} podwire`;
}

function toVf(line: string): Vf {
  const [index = "", pciAddress = "", ifname = ""] = line.split(" ");
  return { index: Number(index), pciAddress, ifname };
}
