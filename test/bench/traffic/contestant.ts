/** Who does the full chain: podwire, and the reference plugins with each backend that they know. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { type Contestant, podwire, references } from "../contestant.ts";

export type Backend = "iptables" | "nftables";

export interface TrafficContestant extends Contestant {
  /** How the reference writes its rules. */
  readonly backend?: Backend;
  /** False for plugins from before the choice, which write iptables rules. */
  readonly hasChoice?: boolean;
}

const PLUGINS = ["bridge", "host-local", "portmap", "bandwidth"] as const;
/** A name that only plugins with the nftables backend contain. */
const NFTABLES_MARK = "cni_plugins_masquerade";

/** podwire first, then the reference plugins of each directory with each of their backends. */
export function trafficContestants(directories: readonly string[]): TrafficContestant[] {
  const theirs = references(directories, PLUGINS).flatMap((reference) => {
    const hasChoice = readFileSync(reference.programs[0] ?? "").includes(NFTABLES_MARK);
    const backends: readonly Backend[] = hasChoice ? ["iptables", "nftables"] : ["iptables"];
    return backends.map((backend) => ({
      ...reference,
      name: `${reference.name} ${backend}`,
      backend,
      hasChoice,
    }));
  });
  return [podwire, ...theirs];
}

/** Path of one of the contestant's programs. */
export function programOf({ name, programs }: Contestant, plugin: string): string {
  const path = programs.find((program) => basename(program) === plugin);
  if (path === undefined) throw new Error(`${name} has no ${plugin}`);
  return path;
}
