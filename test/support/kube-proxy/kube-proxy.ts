/** kube-proxy on a node: its rules for Services, loaded by the programs that it runs itself. */

import type { Node } from "../node/node.ts";
import { jumpCommands, restoreInput } from "./kube-proxy-iptables.ts";
import type { Cluster, Service } from "./kube-proxy-names.ts";
import { syncInput } from "./kube-proxy-nftables.ts";

export const MODES = ["iptables", "nftables"] as const;
export type Mode = (typeof MODES)[number];

/** One full sync of one family, as after kube-proxy's start. @throws where a program refuses the rules */
export function syncServices(node: Node, mode: Mode, cluster: Cluster, services: readonly Service[]): void {
  if (mode === "nftables") {
    load(node, ["nft", "-f", "-"], syncInput(cluster, services));
    return;
  }
  const isIPv4 = cluster.family === 4;
  node.sh(jumpCommands(cluster));
  if (isIPv4) node.sh("echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet");
  const program = isIPv4 ? "iptables-nft-restore" : "ip6tables-nft-restore";
  load(node, [program, "-w", "5", "--noflush", "--counters"], restoreInput(cluster, services));
}

function load(node: Node, command: readonly string[], input: string): void {
  const { exitCode, stderr } = node.run(command, { input });
  if (exitCode !== 0) throw new Error(`${command.join(" ")}: ${stderr}`);
}
