/**
 * What lies below TypeScript: the functions of the C library, and what comes with the runtime. This is Bun's, for the
 * command line, the agent and tests; in a plugin call native.engine.ts stands in its place (scripts/build).
 */

import { dlopen, FFIType, type Pointer, read } from "bun:ffi";
import type { Finished, Libc } from "./native-types.ts";

const { i32, i64_fast: size, ptr, u64 } = FFIType;

const library = dlopen("libc.so.6", {
  __errno_location: { args: [], returns: ptr },
  open: { args: [ptr, i32, i32], returns: i32 },
  close: { args: [i32], returns: i32 },
  read: { args: [i32, ptr, u64], returns: size },
  write: { args: [i32, ptr, u64], returns: size },
  linkat: { args: [i32, ptr, i32, ptr, i32], returns: i32 },
  readlink: { args: [ptr, ptr, u64], returns: size },
  symlink: { args: [ptr, ptr], returns: i32 },
  unlink: { args: [ptr], returns: i32 },
  rename: { args: [ptr, ptr], returns: i32 },
  fsync: { args: [i32], returns: i32 },
  mkdir: { args: [ptr, i32], returns: i32 },
  access: { args: [ptr, i32], returns: i32 },
  flock: { args: [i32, i32], returns: i32 },
  setns: { args: [i32, i32], returns: i32 },
  unshare: { args: [i32], returns: i32 },
  socket: { args: [i32, i32, i32], returns: i32 },
  bind: { args: [i32, ptr, i32], returns: i32 },
  getsockname: { args: [i32, ptr, ptr], returns: i32 },
  setsockopt: { args: [i32, i32, i32, ptr, i32], returns: i32 },
  send: { args: [i32, ptr, u64, i32], returns: size },
  recv: { args: [i32, ptr, u64, i32], returns: size },
  poll: { args: [ptr, u64, i32], returns: i32 },
  isatty: { args: [i32], returns: i32 },
  getpid: { args: [], returns: i32 },
  _exit: { args: [i32], returns: FFIType.void },
  syscall: { args: [u64, u64, ptr, u64, u64, ptr], returns: size },
});

// `as`: i64_fast gives a number, as no size here comes near 2^53.
export const libc = library.symbols as unknown as Libc;

// The address is the same for the life of the main thread, which runs all our code.
const errnoLocation = library.symbols.__errno_location() as Pointer; // `as`: never NULL, errno(3)

/** That of the last function of `libc` that failed: to be asked before anything else runs. */
export function lastErrno(): number {
  return read.i32(errnoLocation, 0);
}

export const arch: "x64" | "arm64" = process.arch === "arm64" ? "arm64" : "x64";

/** The descriptor of the root of a procfs of this process alone; -1 where there is none: only a plugin call is in a hurry. */
export function openProcfs(): number {
  return -1;
}

export function xxHash64(text: string, seed: bigint): bigint {
  return Bun.hash.xxHash64(text, seed);
}

/**
 * Runs a program to its end; its standard error is ours. `environment`: as environ(7) has it.
 * @returns how it ended, or why it could not be started, like "ETXTBSY"; "ETIMEDOUT" where it was killed in the end
 */
export function spawn(
  file: string,
  environment: readonly string[],
  input: Uint8Array,
  timeoutMs: number,
): Finished | string {
  const env = Object.fromEntries(environment.map((entry) => entry.split(/=(.*)/s, 2)));
  try {
    const child = Bun.spawnSync([file], {
      env,
      stdin: input,
      stdout: "pipe",
      stderr: "inherit",
      timeout: timeoutMs,
      killSignal: "SIGKILL",
    });
    const { exitCode, signalCode, stdout, exitedDueToTimeout } = child;
    if (exitedDueToTimeout === true) return "ETIMEDOUT";
    if (signalCode !== undefined) return { exitCode: undefined, signal: String(signalCode), stdout };
    return { exitCode, signal: undefined, stdout };
  } catch (cause) {
    if (cause instanceof Error && "code" in cause) return String(cause.code);
    throw cause;
  }
}
