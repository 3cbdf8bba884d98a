/** The engine of plugin calls: QuickJS and ours in C, with the modules of a call in it, and its heap after their start. */

import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { compileC, compileLibrary } from "./compile-c.ts";
import { run, together } from "./run.ts";
import { TARGETS, type Target } from "./target.ts";

const QUICKJS = resolve("node_modules/qjsc/deps/quickjs_2021_03_27");
/** Its headers, and first of all our own functions in the place of four of theirs. */
const QUICKJS_HEADERS = [`-isystem${QUICKJS}`, "-include", resolve("engine/counts.h")];
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
const COMPILER_FILES = ["compile.c", "clock.c", "counts.c"];

export interface Engine {
  readonly executable: string;
  /** Undefined where this machine cannot run the target's programs: each call then makes its heap anew. */
  readonly heap: string | undefined;
}

/** What the engine is made of besides its script, which takes a first build the longest. */
export interface EngineParts {
  readonly target: Target;
  /** Compiles scripts, on this machine. */
  readonly compiler: string;
  readonly objects: readonly string[];
}

/** Compiles QuickJS and the compiler for scripts below `work`. */
export async function compileEngineParts(target: Target, work: string): Promise<EngineParts> {
  const host = TARGETS[`linux-${process.arch}`];
  if (host === undefined) throw new Error(`no build on ${process.arch}; want x64 or arm64`);
  const forHost = compileQuickjs(host, work);
  const [hostObjects, objects] = await together(
    forHost,
    target === host ? forHost : compileQuickjs(target, work),
    ...[...new Set([host, target])].map((one) => compileLibrary(one, work)),
  );
  const compiler = join(work, "compile");
  const files = COMPILER_FILES.map((name) => resolve("engine", name));
  await compileC(host, [...QUICKJS_HEADERS, ...files, ...hostObjects, "-o", compiler]);
  return { target, compiler, objects };
}

/** Builds it below `work`, from the script of a plugin call. */
export async function buildEngine(parts: EngineParts, script: string, work: string): Promise<Engine> {
  const { target, compiler, objects } = parts;
  // The same for every target; engine/bytecode.S includes it.
  await run([compiler, script, join(work, "bytecode.bin")]);
  const executable = join(work, "engine");
  const files = readdirSync("engine").filter((name) => name.endsWith(".c") && name !== "compile.c");
  await compileC(target, [
    ...QUICKJS_HEADERS,
    IMAGE_BASE,
    `-I${work}`,
    ...["-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror"],
    ...files.map((name) => resolve("engine", name)),
    resolve("engine/bytecode.S"),
    ...objects,
    "-o",
    executable,
  ]);
  return { executable, heap: saveHeap(target, executable, join(work, "heap")) };
}

function compileQuickjs(target: Target, work: string): Promise<readonly string[]> {
  return together(
    ...QUICKJS_FILES.map(async (name) => {
      const object = join(work, `${name}.${target.triple}.o`);
      await compileC(target, [
        "-c",
        ...QUICKJS_FLAGS,
        ...QUICKJS_HEADERS,
        join(QUICKJS, `${name}.c`),
        "-o",
        object,
      ]);
      return object;
    }),
  );
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
