/** A node in the test virtual machine with virtual functions: pods on networks by name, and what they leave behind. */

import { cniLine, type Verb, type Vf, Vm } from "../vm/vm.ts";
import type { Finished } from "../vm/vm-guest.ts";
import { observe, parseFacts } from "./sriov-facts.ts";

const CONFIG_DIR = "/etc/cni/net.d/podwire.d";
const NETCONF = { cniVersion: "1.1.0", name: "mynet", type: "podwire" };

export interface SriovOptions {
  /** How many virtual functions eth0 and eth1 get. */
  readonly vfs: readonly [number, number];
}

/** Those of a network's file. */
export interface NetworkFields {
  readonly vlan?: number;
  readonly vlanQos?: number;
  readonly vlanProto?: string;
  readonly mtu?: number;
  readonly ranges?: readonly object[];
  readonly attach?: object;
}

/** In Mbit/s. */
export interface Rates {
  readonly min?: number;
  readonly max?: number;
}

/** One call about a pod; its name, of the form c1, is that of its namespace too. */
export interface PodCall {
  readonly pod: string;
  /** Annotations endpoint0, endpoint1, …; a text names a network. */
  readonly wishes?: readonly (string | object)[];
  /** Put over the configuration, and over its `runtimeConfig`. */
  readonly conf?: object;
  readonly runtimeConfig?: object;
  /** Name or path, where it is not the pod's. */
  readonly netns?: string;
  readonly ifname?: string;
  readonly wrapper?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
export type Called = Finished & { result: any };

export class SriovNode {
  readonly vm: Vm;
  /** Those of eth0, then those of eth1. */
  readonly vfs: readonly Vf[];
  /** What there is while there are no pods. */
  #empty: readonly string[] = [];

  private constructor(vm: Vm, vfs: readonly Vf[]) {
    this.vm = vm;
    this.vfs = vfs;
  }

  /** The machine that all test files share, with functions and without networks. */
  static async create({ vfs: [first, second] }: SriovOptions): Promise<SriovNode> {
    const vm = await Vm.shared();
    const vfs = [
      ...(first > 0 ? await vm.addVfs("eth0", first) : []),
      ...(second > 0 ? await vm.addVfs("eth1", second) : []),
    ];
    await vm.sh(`mkdir -p ${CONFIG_DIR}/networks ${CONFIG_DIR}/perf-tiers ${CONFIG_DIR}/endpoints`);
    const node = new SriovNode(vm, vfs);
    await node.settle();
    return node;
  }

  /**
   * Three functions of eth0 for the networks `web` on VLAN 120 and `db` on VLAN 130, both of one subnet; the namespace
   * `outside` is in VLAN 120 at the other end of the wire.
   */
  static async createOnVlans(): Promise<SriovNode> {
    const node = await SriovNode.create({ vfs: [3, 0] });
    await node.network("web", { vlan: 120 });
    await node.network("db", {
      vlan: 130,
      ranges: [{ subnet: "10.10.120.0/24", start: "10.10.120.111", end: "10.10.120.120" }],
    });
    await node.vm.sh(`ip netns add outside; ip link set eth1 up
      ip link add link eth1 name eth1.120 type vlan id 120; ip link set eth1.120 netns outside
      ip -n outside address add 10.10.120.1/24 dev eth1.120; ip -n outside link set eth1.120 up`);
    await node.settle();
    return node;
  }

  /** Takes what there is now as what there must be whenever there are no pods. */
  async settle(): Promise<void> {
    this.#empty = parseFacts(await this.vm.sh(observe));
  }

  /** For `afterEach`. @throws where a pod has left something, with what it is; then that is removed, for the next test */
  async expectEmpty(): Promise<void> {
    const changes = await this.changes();
    if (changes.length === 0) return;
    await this.vm.run("for pod in $(ls /run/netns | grep '^c[0-9]'); do ip netns del $pod; done");
    const { stdout, stderr } = await this.gc([]);
    const left = await this.changes();
    throw new Error(`changes: ${changes.join("\n")}\nGC: ${stdout}${stderr}\nafter it: ${left.join("\n")}`);
  }

  /** The virtual function of that place in {@link vfs}. */
  vf(place: number): Vf {
    const vf = this.vfs[place];
    if (vf === undefined) throw new Error(`no virtual function ${place}`);
    return vf;
  }

  /** Writes the file of a network with `10.10.VLAN.0/24`; `fields` go over it, `attach` over its attach. */
  async network(name: string, { attach = {}, ...fields }: NetworkFields) {
    const { vlan = 1 } = fields;
    const range = {
      subnet: `10.10.${vlan}.0/24`,
      start: `10.10.${vlan}.11`,
      end: `10.10.${vlan}.100`,
      gateway: `10.10.${vlan}.1`,
    };
    const network = { ranges: [range], ...fields, attach: { kind: "sriov", pfs: ["eth0"], ...attach } };
    await this.write(`networks/${name}.json`, network);
  }

  /** Writes the file of a performance tier. */
  async tier(name: string, { min = 0, max }: Rates) {
    const limit = max === undefined ? {} : { maxBandwidthMbps: max };
    await this.write(`perf-tiers/${name}.json`, { minIops: 0, minBandwidthMbps: min, ...limit });
  }

  async write(path: string, document: object): Promise<void> {
    await this.vm.sh(`cat > ${CONFIG_DIR}/${path}`, { stdin: JSON.stringify(document) });
  }

  async call(verb: Verb, call: PodCall): Promise<Called> {
    return await this.vm.cni(verb, { netconf: netconfOf(call), ...wordsOf(call) });
  }

  /** The same as a part of a shell script. */
  line(verb: Verb, call: PodCall): string {
    return `${cniLine(verb, wordsOf(call))} << 'END'\n${JSON.stringify(netconfOf(call))}\nEND\n`;
  }

  /** ADD, with the namespace made before; gives the result. @throws where it fails */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into documents of every shape
  async attach(call: PodCall): Promise<any> {
    const { pod } = call;
    return await this.vm.json(`[ -e /run/netns/${pod} ] || ip netns add ${pod}\n${this.line("ADD", call)}`);
  }

  /** DEL, then the end of the namespace. @throws where DEL fails */
  async detach(call: PodCall): Promise<void> {
    const { pod } = call;
    await this.vm.sh(`${this.line("DEL", call)}if [ -e /run/netns/${pod} ]; then ip netns del ${pod}; fi`);
  }

  /** GC with those attachments valid. */
  gc(valid: readonly { containerID: string; ifname: string }[]): Promise<Called> {
    return this.call("GC", { pod: "", conf: { "cni.dev/valid-attachments": valid } });
  }

  /** What differs from the time before the first pod, one line each: `-` for what is gone, `+` for what is new. */
  async changes(): Promise<string[]> {
    return this.compare(await this.vm.sh(observe));
  }

  /** The same of what {@link observe} has printed. */
  compare(printed: string): string[] {
    const present = parseFacts(printed);
    return [
      ...this.#empty.filter((fact) => !present.includes(fact)).map((fact) => `- ${fact}`),
      ...present.filter((fact) => !this.#empty.includes(fact)).map((fact) => `+ ${fact}`),
    ].sort((a, b) => a.slice(2).localeCompare(b.slice(2)));
  }

  /** What ip shows of a virtual function on its card. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of iproute2
  async onCard(pf: string, index: number): Promise<any> {
    const [link] = await this.vm.json(`ip -j link show dev ${pf}`);
    return link.vfinfo_list[index];
  }

  /** What ip shows of an interface, in a pod where one is given. */
  // biome-ignore lint/suspicious/noExplicitAny: a document of iproute2
  async link(ifname: string, pod?: string): Promise<any> {
    const where = pod === undefined ? "" : `-n ${pod}`;
    const [link] = await this.vm.json(`ip ${where} -j -d address show dev ${ifname}`);
    return link;
  }
}

function wordsOf({ pod: containerId, netns = containerId, ifname = "eth0", wrapper = "" }: PodCall) {
  return { containerId, netns, ifname, wrapper };
}

function netconfOf({ wishes = [], conf, runtimeConfig }: PodCall): object {
  const annotations = Object.fromEntries(
    wishes.map((wish, index) => [
      `diamanti.com/endpoint${index}`,
      JSON.stringify(typeof wish === "string" ? { network: wish } : wish),
    ]),
  );
  return {
    ...NETCONF,
    runtimeConfig: { "io.kubernetes.cri.pod-annotations": annotations, ...runtimeConfig },
    ...conf,
  };
}
