/** Calls with one fault in them, for a network with masquerade and host ports. */

import { remains } from "../kernel/kernel.ts";
import { elementsOf } from "../kernel/traffic-rules.ts";
import type { Node } from "../node/node.ts";
import { call, NETCONF } from "../pod/attachment.ts";
import { MYNET, mapped, WEB } from "../traffic/traffic-networks.ts";
import { forgetNetwork } from "./fresh.ts";

/** All that an attachment can have in the tables. */
export const CRASHING = {
  ...NETCONF,
  ...mapped([WEB, { ...WEB, protocol: "udp" }, { ...WEB, hostPort: 81, hostIP: "192.0.2.1" }], {
    ...MYNET,
    ipMasq: true,
    masqAll: true,
  }),
};

/** As runtimes ask on DEL: without what they know of the ports. */
export const BARE = { ...NETCONF, ...MYNET, ipMasq: true };

/** As if there never had been an ADD, pods kept. */
export function forgetTraffic(node: Node): void {
  forgetNetwork(node);
  node.sh(
    "nft delete table inet podwire 2>/dev/null || true; nft delete table bridge podwire 2>/dev/null || true",
  );
}

/** One line for each thing of an attachment that is left, in the tables too. */
export function allRemains(node: Node): string[] {
  return [...remains(node), ...elementsOf(node).map(({ set, key, comment }) => `${set} ${key} ${comment}`)];
}

/** The two that clean up after a crash. */
export const SWEEPERS = [
  { verb: "DEL", sweep: (node: Node) => call(node, "DEL", { conf: BARE }) },
  {
    verb: "GC",
    sweep: (node: Node) => call(node, "GC", { conf: { ...BARE, "cni.dev/valid-attachments": [] } }),
  },
] as const;
