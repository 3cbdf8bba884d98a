/** The executable where the runtime looks for it. */

import { statSync } from "node:fs";
import { digestOf } from "../../../install/files.ts";
import { isBuilt } from "../../../version.ts";
import type { Facts } from "../../facts.ts";
import { type Check, type Finding, fault, ok, orOk, warning } from "../../finding.ts";
import { type Mount, mountOf, readMounts } from "./mounts.ts";

export const EXECUTABLE_CHECKS: readonly Check[] = [
  { group: "directories", name: "executable", run: (facts) => judgeExecutable(readExecutable(facts)) },
];

export interface Executable {
  readonly path: string;
  readonly mode: number;
  readonly mount: Mount | undefined;
  /** The same bytes as those of this program; undefined where this one runs from source. */
  readonly isSame: boolean | undefined;
}

/** The first of its name in the runtime's directories; undefined where there is none. */
function readExecutable({ directories }: Facts): Executable | undefined {
  for (const directory of directories.pluginDirs) {
    const path = `${directory}/podwire`;
    const status = statSync(path, { throwIfNoEntry: false });
    if (status === undefined) continue;
    const isSame = isBuilt() ? isSameFile(path) : undefined;
    return { path, mode: status.mode & 0o7777, mount: mountOf(readMounts(), path), isSame };
  }
  return undefined;
}

const SELF = "/proc/self/exe";

/** Sizes first: a digest reads a hundred megabytes. */
function isSameFile(path: string): boolean {
  const [own, other] = [statSync(SELF), statSync(path)];
  if (own.dev === other.dev && own.ino === other.ino) return true;
  return own.size === other.size && digestOf(path) === digestOf(process.execPath);
}

/** Where it is missing, the check of plugins says so, if a configuration names it. */
export function judgeExecutable(executable: Executable | undefined): Finding[] {
  if (executable === undefined) return [ok("podwire is in none of the runtime's directories of plugins")];
  const { path, mode, mount, isSame } = executable;
  const troubles: Finding[] = [];
  if ((mode & 0o111) === 0)
    troubles.push(
      fault(`${path} has mode ${mode.toString(8)}: nobody may execute it`, {
        meaning: "every ADD fails before podwire begins",
        command: `chmod 755 ${path}`,
      }),
    );
  if (mount?.options.includes("noexec") === true)
    troubles.push(
      fault(`${path} is on a file system mounted noexec, at ${mount.target}`, {
        meaning: "every ADD fails before podwire begins",
        command: `mount -o remount,exec ${mount.target}`,
      }),
    );
  if ((mode & 0o022) !== 0)
    troubles.push(
      fault(`${path} has mode ${mode.toString(8)}: others than root may change it`, {
        meaning: "the runtime executes it as root",
        command: `chmod 755 ${path}`,
      }),
    );
  if (isSame === false)
    troubles.push(
      warning(`${path} is another build than this one, ${process.execPath}`, {
        meaning: "pods are served by that one, and this one says how it sees the node itself",
        command: `install -m 755 ${process.execPath} ${path}`,
      }),
    );
  return orOk(troubles, `${path} can be executed${isSame === true ? ", and is this build" : ""}`);
}
