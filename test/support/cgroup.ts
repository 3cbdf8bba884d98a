/** The cgroup that a test's containers are in: the one thing of a node that does not end with it. */

import { execFileSync } from "node:child_process";
import type { Node } from "./node.ts";

const ROOT = "/sys/fs/cgroup";

/** Path below the root of each hierarchy. */
export function cgroupOf(node: Node): string {
  return `/podwire-test-${node.pid}`;
}

/** In every hierarchy; wants that all its processes have ended. */
export function removeCgroup(cgroup: string): void {
  execFileSync("find", [ROOT, "-depth", "-type", "d", "-path", `${ROOT}*${cgroup}*`, "-delete"]);
}
