/** A node with podwire installed and networks as files, on which the real cnitool acts as the container runtime. */

import { type Finished, Node, PODWIRE } from "../node/node.ts";
import { REFERENCE_BIN, referenceTool } from "../reference/reference.ts";

export type Verb = "add" | "check" | "del" | "gc" | "status";

export interface ToolOptions {
  readonly netns: string;
  /** Default: mynet. */
  readonly network?: string;
  readonly ifname?: string;
  /** CNI_ARGS. */
  readonly args?: string;
  /** CAP_ARGS: what the runtime knows of each capability. */
  readonly capabilities?: object;
  /** Directory of configurations; default: the one that `configure` writes to. */
  readonly directory?: string;
}

const PLUGINS = "/run/cni/bin";
const NETWORKS = "/run/cni/net.d";

export class RuntimeNode {
  readonly node: Node;

  private constructor(node: Node) {
    this.node = node;
  }

  /** @param names further names that the executable is linked under */
  static async create(...names: readonly string[]): Promise<RuntimeNode> {
    referenceTool("cnitool");
    const node = await Node.create();
    node.sh(`mkdir -p ${PLUGINS} ${NETWORKS}`);
    for (const name of ["podwire", ...names]) node.sh(`ln -s ${PODWIRE} ${PLUGINS}/${name}`);
    return new RuntimeNode(node);
  }

  /** Writes one configuration file; the extension of `file` says whether it is a list. */
  configure(conf: object, file = "10-mynet.conflist"): void {
    const { exitCode, stderr } = this.node.run(["sh", "-ec", `cat > ${NETWORKS}/${file}`], {
      input: JSON.stringify(conf),
    });
    if (exitCode !== 0) throw new Error(`${file}: ${stderr}`);
  }

  /** Like `cnitool VERB NETWORK NETNS`; `json` is the result on standard output, undefined where there is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into results of every version
  call(verb: Verb, options: ToolOptions): Finished & { json: any } {
    const { network = "mynet", netns, ifname, args, capabilities, directory = NETWORKS } = options;
    const env: Record<string, string> = { NETCONFPATH: directory, CNI_PATH: `${PLUGINS}:${REFERENCE_BIN}` };
    if (ifname !== undefined) env.CNI_IFNAME = ifname;
    if (args !== undefined) env.CNI_ARGS = args;
    if (capabilities !== undefined) env.CAP_ARGS = JSON.stringify(capabilities);
    const done = this.node.run([referenceTool("cnitool"), verb, network, netns], { env });
    const isJson = verb === "add" && done.exitCode === 0;
    return { ...done, json: isJson ? JSON.parse(done.stdout) : undefined };
  }

  /** Addresses of an interface of a pod as `10.1.0.2/16`, those of the link left out. */
  addressesOf(pod: string, ifname = "eth0"): string[] {
    const [link] = this.node.json(`ip -j -n ${pod} address show dev ${ifname} scope global`);
    const infos: { local?: string; prefixlen: number }[] = link?.addr_info ?? [];
    // ip leaves an empty object for each address that it filtered out.
    return infos.filter(({ local }) => local).map(({ local, prefixlen }) => `${local}/${prefixlen}`);
  }

  /** Names of the addresses that are reserved in a network's directory. */
  reservations(network = "mynet"): string[] {
    const names = this.node.sh(`ls /var/lib/cni/networks/${network} 2>/dev/null || true`).split("\n");
    return names.filter((name) => /^[0-9a-f:]+$|^[0-9.]+$/.test(name) && name !== "");
  }

  /** Names of all veth ends on the node. */
  hostEnds(): string[] {
    const links: { ifname: string }[] = this.node.json("ip -j link show type veth");
    return links.map(({ ifname }) => ifname);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}
