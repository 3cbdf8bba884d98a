/** The cgroup that a test's containers are in: the one thing of a node that does not end with it. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import type { Node } from "../node/node.ts";

const ROOT = "/sys/fs/cgroup";

/** Path below the root of each hierarchy. */
export function cgroupOf(node: Node): string {
  return `/podwire-test-${node.pid}`;
}

/** In every hierarchy, of version 1 or 2; wants that all its processes have ended. */
export function removeCgroup(cgroup: string): void {
  const roots = [ROOT, ...readdirSync(ROOT).map((name) => `${ROOT}/${name}`)];
  const paths = roots.map((root) => `${root}${cgroup}`).filter((path) => existsSync(path));
  if (paths.length > 0) execFileSync("find", [...paths, "-depth", "-type", "d", "-delete"]);
}
