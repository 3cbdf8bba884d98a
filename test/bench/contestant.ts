/** Who is measured: podwire and the reference plugins that this machine has. */

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { PODWIRE, REFERENCE_DIR } from "../support/node/node.ts";
import { REFERENCE_BIN } from "../support/reference/reference.ts";

export interface Contestant {
  readonly name: string;
  /** The executable that is called, then those that it calls in its turn. */
  readonly programs: readonly string[];
  /** Put over every configuration; `undefined` takes a field away. */
  readonly fields?: object;
}

export const podwire: Contestant = { name: "podwire", programs: [PODWIRE] };
/** The same, with a pair of its own for each pod in the place of a port of the bridge. */
export const ptp: Contestant = {
  ...podwire,
  name: "podwire, ptp",
  fields: { mode: "ptp", bridge: undefined },
};

/** Other executables of podwire, such as one of an earlier commit; one that is missing is an error. */
export function otherBuilds(files: readonly string[]): Contestant[] {
  return files.map((file) => {
    if (!existsSync(file)) throw new Error(`no executable ${file}`);
    return { name: file, programs: [file] };
  });
}

/** The reference plugins in `directories`; a directory without one of `plugins` is an error. */
export function references(
  directories: readonly string[],
  plugins: readonly string[] = ["bridge", "host-local"],
): Contestant[] {
  return directories.map((directory) => {
    const programs = plugins.map((plugin) => join(directory, plugin));
    const missing = programs.find((program) => !existsSync(program));
    if (missing !== undefined)
      throw new Error(`no reference plugin ${missing}; scripts/reference installs the newest`);
    return { name: versionOf(directory), programs };
  });
}

/** The directory of Debian's package, and that of the newest release, where they are there. */
export function defaultDirectories(): string[] {
  return [REFERENCE_DIR, REFERENCE_BIN].filter((directory) => existsSync(join(directory, "bridge")));
}

function versionOf(directory: string): string {
  if (directory === REFERENCE_DIR) {
    const version = answer("dpkg-query", ["--show", "containernetworking-plugins"])?.split("\t")[1];
    if (version !== undefined) return `Debian ${version.replace(/[+-].*/s, "")}`;
  }
  const modules = answer("go", ["version", "-m", join(directory, "bridge")]);
  const version = modules?.match(/\tmod\tgithub\.com\/containernetworking\/plugins\tv(\S+)/)?.[1];
  return version === undefined ? directory : `plugins ${version}`;
}

function answer(command: string, args: readonly string[]): string | undefined {
  try {
    return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return undefined; // safe: it only finds a better name
  }
}
