/** The tests' own tools in C. */

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const executables = new Map<string, string>();

/**
 * Path of the program of the sources `NAME.c`, paths below test/support; it stands on no library of the machine that runs
 * it. It is compiled at the first call in this process and gone when the process ends.
 */
export function compiled(...names: readonly [string, ...string[]]): string {
  const [name] = names;
  const known = executables.get(name);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), "podwire-tool-"));
  process.on("exit", () => rmSync(directory, { recursive: true }));
  const executable = join(directory, "tool");
  const sources = names.map((source) => resolve(import.meta.dirname, "..", `${source}.c`));
  execFileSync("cc", ["-O2", "-static", "-Wall", "-Wextra", "-Werror", "-o", executable, ...sources]);
  executables.set(name, executable);
  return executable;
}
