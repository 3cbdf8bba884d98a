/** The network that real container runtimes find on a node. */

import { writeFile } from "./commands.ts";
import { type Node, PODWIRE } from "./node.ts";

/** Folder of executables. */
export const PLUGINS = "/run/cni/bin";
/** Folder of configurations. */
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

/** Puts podwire in place, under the name that containerd asks for too, and last the configuration. */
export function installNetwork(node: Node, conf: object): void {
  node.sh(`mkdir -p ${PLUGINS}
    ln -s ${PODWIRE} ${PLUGINS}/podwire
    ln -s podwire ${PLUGINS}/loopback`);
  writeFile(node, `${NETWORKS}/10-pods.conflist`, conf);
}
