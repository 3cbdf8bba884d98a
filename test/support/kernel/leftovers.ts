/** What container runtimes' pods have left on a node, or have. */

import { allRemains } from "../fault/traffic-crash.ts";
import type { Node } from "../node/node.ts";
import { ifbsOf } from "./queues.ts";

/** Shared by all pods of an uplink. */
const UPLINK_LOCKS = "/run/podwire/.uplink/";

/** One line for each link, reservation, record, element and cached result; what the node has of its own too. */
export function leftoversOf(node: Node): string[] {
  const lines = [...allRemains(node), ...ifbsOf(node)];
  return lines.map(withoutState).filter((line) => !line.startsWith(UPLINK_LOCKS));
}

/** A link's line without what the kernel changes by itself: its carrier. */
function withoutState(line: string): string {
  return line.replace(/^(\S+@if\d+) .*/, "$1");
}
