/** The network that real container runtimes find on a node. */

import { writeFile } from "../node/commands.ts";
import { type Node, PODWIRE } from "../node/node.ts";

/** Directory of executables. */
export const PLUGINS = "/run/cni/bin";
/** Directory of configurations. */
export const NETWORKS = "/etc/cni/net.d";

/** Both families, with all that a runtime can hand on. */
const POD_NETWORK = {
  type: "podwire",
  bridge: "cni0",
  isDefaultGateway: true,
  ipMasq: true,
  hairpinMode: true,
  capabilities: {
    mac: true,
    ips: true,
    portMappings: true,
    bandwidth: true,
    "io.kubernetes.cri.pod-annotations": true,
  },
  ipam: { type: "host-local", ranges: [[{ subnet: "10.244.0.0/24" }], [{ subnet: "fd00:10:244::/64" }]] },
} as const;

/** The network `pods`. */
export function conflist(cniVersion = "1.0.0"): object {
  return { cniVersion, name: "pods", plugins: [POD_NETWORK] };
}

/** Where the network's configuration lies before it is installed. */
const GIVEN = `${NETWORKS}/podwire.d/pods.conflist`;

/** Puts podwire and the configuration in place as its users do; `podwire`: the command that is called on the node. */
export function installNetwork(node: Node, conf: object, podwire: readonly string[] = [PODWIRE]): void {
  writeFile(node, GIVEN, conf);
  const directories = ["--bin-dir", PLUGINS, "--conf-dir", NETWORKS];
  const list = ["--conf", GIVEN, "--conf-name", "10-pods.conflist"];
  const { exitCode, stderr } = node.run([...podwire, "install", ...directories, ...list]);
  if (exitCode !== 0) throw new Error(`podwire install: ${stderr}`);
}
