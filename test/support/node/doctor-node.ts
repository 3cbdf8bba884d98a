/** A node that serves pods as an installed one does, and what `podwire doctor` says of it. */

import { podwire, succeed } from "./commands.ts";
import { CONFLIST, createBareNode } from "./install.ts";
import type { Node } from "./node.ts";

/** What the command prints with `--json`. */
export interface ReportedFinding {
  readonly group: string;
  readonly check: string;
  readonly level: "ok" | "warning" | "fault";
  readonly text: string;
  readonly details: readonly string[];
  readonly meaning: string | null;
  readonly command: string | null;
  readonly fixable: boolean;
}

export const POD_NETWORK = "10.244.0.0/24";

/** Installed with these options; eth0 leads to the world, and c1 and c2 are pods. */
export async function createServingNode(
  options = "",
  podCidr = `${POD_NETWORK},fd00:10:244::/64`,
): Promise<Node> {
  const node = await createBareNode();
  node.sh(`ip link add eth0 type veth peer name world0; ip link set eth0 up; ip link set world0 up
    ip address add 192.0.2.1/24 dev eth0; ip route add default via 192.0.2.254`);
  succeed(node, `install --pod-cidr ${podCidr} ${options}`.trimEnd());
  for (const name of ["c1", "c2"]) addPod(node, name);
  return node;
}

/** By the installed list, as the runtime would. @throws where ADD fails */
export function addPod(node: Node, name: string): void {
  const { exitCode, stdout, stderr } = callPod(node, "ADD", { name, netns: node.addPod(name) });
  if (exitCode !== 0) throw new Error(`ADD: ${stdout}${stderr}`);
}

export function callPod(node: Node, command: string, { name, netns }: { name: string; netns: string }) {
  const { name: network, cniVersion, plugins } = node.json(`cat ${CONFLIST}`);
  const conf = { ...plugins[0], name: network, cniVersion };
  return node.cni({ command, conf, containerId: name, netns, ifname: "eth0" });
}

/** Every finding; `line`: groups and options. */
export function report(node: Node, line = ""): readonly ReportedFinding[] {
  const { stdout, stderr } = podwire(node, `doctor ${line} --json`.replaceAll(/ +/g, " "));
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

/** Those that are not well, without what this kernel lacks and nobody asks for. */
export function troubles(node: Node, line = ""): readonly ReportedFinding[] {
  return report(node, line).filter(
    ({ group, level }) => level === "fault" || (level === "warning" && group !== "kernel"),
  );
}

/** Runs what a finding says, as somebody would who has podwire in the path. */
export function obey(node: Node, { command }: Pick<ReportedFinding, "command">): void {
  node.sh(`export PATH=/opt/cni/bin:$PATH; ${command}`);
}
