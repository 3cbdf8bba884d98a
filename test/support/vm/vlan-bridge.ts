/** Pods on a bridge with VLANs in a test virtual machine, and what bridge(8) says of them: never our own decoder. */

import { Vm, type VmCall } from "./vm.ts";

const IPAM = { type: "host-local", subnet: "10.1.0.0/16" };
export const NETCONF = { cniVersion: "1.1.0", name: "mynet", type: "podwire", bridge: "br0", ipam: IPAM };

/** Calls as `ADD c2`. */
export interface Kills {
  readonly before: readonly string[];
  /** The verb of the call that is killed. */
  readonly killed: string;
  readonly after: readonly string[];
}

const KILLS_TIMEOUT_MS = 280_000;

/** The reference plugins' path in the guest. */
const REFERENCE = "/reference";

export class VlanBridge {
  readonly vm: Vm;

  private constructor(vm: Vm) {
    this.vm = vm;
  }

  static async create(): Promise<VlanBridge> {
    const vm = await Vm.shared();
    // The guest's modprobe, unlike kmod's, does not wait for a module that somebody else is loading.
    await vm.sh("modprobe bridge; modprobe veth");
    return new VlanBridge(vm);
  }

  /** Takes every pod, link, rule and file away that a test made. */
  async clear(): Promise<void> {
    await this.vm.sh(`for pod in $(ls /run/netns); do ip netns del $pod; done
      for link in $(ls /sys/class/net); do
        case $link in lo | eth* | ifb*) ;; *) ip link del $link 2> /dev/null || true ;; esac
      done
      nft flush ruleset; rm -rf /run/podwire /var/lib/cni/networks`);
  }

  /** One call about the pod's eth0; `conf` is put over {@link NETCONF}. */
  call(verb: "ADD" | "CHECK" | "DEL" | "GC" | "STATUS", containerId: string, conf: object = {}) {
    const call: VmCall = { netconf: { ...NETCONF, ...conf }, containerId };
    return this.vm.cni(verb, call);
  }

  /** Makes the pod and adds it; gives the result. @throws where ADD fails */
  async add(containerId: string, conf: object) {
    await this.vm.addNetns(containerId);
    const { status, stdout, stderr, result } = await this.call("ADD", containerId, conf);
    if (status !== 0) throw new Error(`ADD ${containerId}: ${stdout}${stderr}`);
    return result;
  }

  /**
   * Kills a call about c1 at its first, second, … message to the kernel, each time on a node that has seen no pod before;
   * `before` and `after` are verbs and pods around it, as `ADD c2`.
   * @returns the interfaces that are left each time, bridge and those of modules left out, and words of calls that failed
   */
  async afterKills(conf: object, { before, killed, after }: Kills): Promise<string[]> {
    const line = (call: string) => {
      const [verb = "", pod = ""] = call.split(" ");
      return `${variablesOf(verb, pod, "/bin")} podwire < /tmp/conf > /tmp/out || echo "${call}: $(cat /tmp/out)"`;
    };
    const strace = "strace -f -qq -o /dev/null -e trace=sendto -e inject=sendto:signal=KILL:when=$nth";
    const script = `cat > /tmp/conf
      for nth in $(seq 1 60); do
        ip netns add c1; ip netns add c2;
        ${before.map(line).join("\n")}
        ${variablesOf(killed, "c1", "/bin")} ${strace} podwire < /tmp/conf > /dev/null 2>&1 && isWhole=1 || isWhole=
        ${after.map(line).join("\n")}
        echo left: $(ls /sys/class/net | grep -v -E '^(lo|br0|ifb.|eth.)$')
        ip netns del c1; ip netns del c2; ip link del br0; nft flush ruleset; rm -rf /run/podwire /var/lib/cni/networks
        [ -z "$isWhole" ] || break
      done`;
    const stdin = JSON.stringify({ ...NETCONF, ...conf });
    const text = await this.vm.sh(script, { stdin, timeoutMs: KILLS_TIMEOUT_MS });
    return text.trim().split("\n");
  }

  /** The same as {@link add} with the reference bridge plugin. */
  async addByReference(containerId: string, conf: object) {
    await this.vm.addNetns(containerId);
    const line = `${variablesOf("ADD", containerId, REFERENCE)} ${REFERENCE}/bridge`;
    return JSON.parse(
      await this.vm.sh(line, { stdin: JSON.stringify({ ...NETCONF, ...conf, type: "bridge" }) }),
    );
  }

  /** What CHECK finds, in one line; empty where all is well. */
  async check(containerId: string, conf: object, prevResult: object): Promise<string> {
    const { result } = await this.call("CHECK", containerId, { ...conf, prevResult });
    return result?.msg ?? "";
  }

  async reaches(from: string, address: string): Promise<boolean> {
    const { status } = await this.vm.run(`ip netns exec ${from} ping -c 1 -W 1 ${address}`);
    return status === 0;
  }

  /** Waits until one pod reaches an address. */
  awaitReach(from: string, address: string): Promise<void> {
    return this.vm.until(`ip netns exec ${from} ping -c 1 -W 1 ${address}`);
  }

  /** VLANs of an interface as bridge(8) prints them: `100 PVID Egress Untagged`. */
  async vlansOf(ifname: string): Promise<string[]> {
    const [port] = await this.vm.json(`bridge -j vlan show dev ${ifname}`);
    return (port?.vlans ?? []).map(({ vlan, flags = [] }: PrintedVlan) => [vlan, ...flags].join(" "));
  }

  /** VLANs of the port at the other end of the node's interface in a VLAN. */
  async gatewayPortVlans(ifname: string): Promise<string[]> {
    const [{ link }] = await this.vm.json(`ip -j link show dev ${ifname}`);
    return this.vlansOf(link);
  }

  /** Names of the node's interfaces, those of cards and modules left out. */
  async links(): Promise<string[]> {
    const links: { ifname: string }[] = await this.vm.json("ip -j link show");
    return links.map(({ ifname }) => ifname).filter((name) => !/^(lo|(ifb|eth)\d)$/.test(name));
  }

  /** IPv4 prefixes of an interface of the node. */
  async prefixesOf(ifname: string): Promise<string[]> {
    const [link] = await this.vm.json(`ip -j -4 address show dev ${ifname}`);
    return (link?.addr_info ?? []).map(
      (info: { local: string; prefixlen: number }) => `${info.local}/${info.prefixlen}`,
    );
  }
}

function variablesOf(verb: string, containerId: string, path: string): string {
  const netns = `/run/netns/${containerId}`;
  return `CNI_COMMAND=${verb} CNI_CONTAINERID=${containerId} CNI_NETNS=${netns} CNI_IFNAME=eth0 CNI_PATH=${path}`;
}

interface PrintedVlan {
  readonly vlan: number;
  readonly flags?: readonly string[];
}
