/** Commands as a person at a node types them, on a node with two interfaces to networks. */

import { type Finished, Node, PODWIRE, type RunOptions } from "./node.ts";

export const CONFIG = "/etc/cni/net.d/podwire.d";
/** Where the addresses of named networks are reserved. */
export const POOLS = "/var/lib/cni/podwire";

/** A network of 90 addresses on VLAN 120; put `--attach` and an interface behind it. */
export const WEB =
  "-s 10.10.120.0/24 --start 10.10.120.11 --end 10.10.120.100 -g 10.10.120.1 -v 120 --attach macvlan --uplink eth1";

/** A node whose interfaces eth1 and eth2 lead to lan1 and lan2. */
export async function createNode(): Promise<Node> {
  const node = await Node.create();
  for (const number of [1, 2]) {
    node.sh(`ip link add eth${number} type veth peer name lan${number}
      ip link set eth${number} up; ip link set lan${number} up`);
  }
  return node;
}

/** Runs one command line; words are parted by blanks, '' is an empty word. */
export function podwire(node: Node, line: string, options: RunOptions = {}): Finished {
  const words = line.split(" ").map((word) => (word === "''" ? "" : word));
  return node.run([PODWIRE, ...words], options);
}

/** Standard output of a command that must succeed, without the last line end. */
export function succeed(node: Node, line: string): string {
  const { exitCode, stdout, stderr } = podwire(node, line);
  if (exitCode !== 0) throw new Error(`podwire ${line}: exit ${exitCode}: ${stderr}${stdout}`);
  return stdout.trimEnd();
}

/** The same with `--json`, read. */
export function succeedJson(node: Node, line: string) {
  return JSON.parse(succeed(node, `${line} --json`));
}

/** Writes a file with its directories. */
export function writeFile(node: Node, path: string, content: object | string): void {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  const { exitCode, stderr } = node.run(["sh", "-ec", `mkdir -p $(dirname ${path}); cat > ${path}`], {
    input: text,
  });
  if (exitCode !== 0) throw new Error(`${path}: ${stderr}`);
}

/** Every file of the configuration with its content: for what must not have changed. */
export function configFiles(node: Node): string {
  return node.sh(`find ${CONFIG} -type f 2>/dev/null | sort | xargs -r grep -H . || true`);
}

/** A reservation as a pod's ADD makes it. */
export function reserve(node: Node, network: string, address: string, containerId = "c1"): void {
  writeFile(node, `${POOLS}/${network}/${address}`, `${containerId}\r\neth0`);
}
