/** A node on which each call may go to another plugin: what a node sees that moves between them. */

import { Node, PODWIRE, REFERENCE_DIR } from "../node/node.ts";
import { type Generation, REFERENCES, referencePlugin } from "./reference.ts";

export type Plugin = "podwire" | Generation;

const DIRECTORY = "/var/lib/cni/networks/mynet";

export class SwitchingNode {
  readonly node: Node;
  readonly #conf: object;
  readonly #results = new Map<string, unknown>();

  private constructor(node: Node, conf: object) {
    this.node = node;
    this.#conf = conf;
  }

  static async create(conf: object): Promise<SwitchingNode> {
    return new SwitchingNode(await Node.create(), conf);
  }

  /** One call for `pod`, whose container ID and namespace bear its name; the last ADD's result goes along as prevResult. */
  call(plugin: Plugin, command: "ADD" | "CHECK" | "DEL", pod: string) {
    const prevResult = command === "ADD" ? undefined : this.#results.get(pod);
    const done = this.node.cni({
      command,
      conf: prevResult === undefined ? this.#conf : { ...this.#conf, prevResult },
      containerId: pod,
      netns: `/run/netns/${pod}`,
      ifname: "eth0",
      plugin: plugin === "podwire" ? PODWIRE : referencePlugin(plugin, "bridge"),
      env: { CNI_PATH: plugin === "podwire" ? REFERENCE_DIR : REFERENCES[plugin] },
    });
    if (command === "ADD" && done.exitCode === 0) this.#results.set(pod, done.json);
    return done;
  }

  /** Makes the pod's namespace and attaches it; gives its first address. @throws where ADD fails */
  add(plugin: Plugin, pod: string): string {
    this.node.addPod(pod);
    const { exitCode, stdout, stderr, json } = this.call(plugin, "ADD", pod);
    if (exitCode !== 0) throw new Error(`ADD by ${plugin}: ${stdout}${stderr}`);
    return String(json.ips[0].address).replace(/\/.*/, "");
  }

  /** The runtime forgets the result of ADD, as those before CNI 0.4.0 do. */
  forget(pod: string): void {
    this.#results.delete(pod);
  }

  /** Addresses that have a reservation file. */
  reservations(): string[] {
    const names = this.node.sh(`ls ${DIRECTORY} 2>/dev/null || true`).split("\n");
    return names.filter((name) => /^[0-9]+\.[0-9.]+$|^[0-9a-f]*:[0-9a-f:]*$/.test(name));
  }

  /** Writes one file of the reservations' directory. */
  writeReservation(name: string, content: string): void {
    this.node.run(["sh", "-ec", `mkdir -p ${DIRECTORY} && cat > ${DIRECTORY}/${name}`], { input: content });
  }

  readReservation(name: string): string {
    return this.node.sh(`cat ${DIRECTORY}/${name}`);
  }

  /** Names of the veth ends on the node. */
  hostEnds(): string[] {
    const links: { ifname: string }[] = this.node.json("ip -j link show type veth");
    return links.map(({ ifname }) => ifname);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.node[Symbol.asyncDispose]();
  }
}
