/** A node brought back to where it had never seen an ADD, pods kept. */

import type { Node } from "../node/node.ts";

/** Takes bridge, directories and markers away, so that the next ADD makes them again. */
export function forgetNetwork(node: Node, bridge = "cni0"): void {
  node.sh(`ip link del ${bridge} 2>/dev/null || true; rm -rf /var/lib/cni/networks /run/podwire`);
}
