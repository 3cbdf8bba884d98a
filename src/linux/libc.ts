/** The C library through bun:ffi: the only native code of the program. One table, raw calls, reliable errno. */

import { dlopen, FFIType, type Pointer, read } from "bun:ffi";
import { errnoName } from "./errno.ts";
import { SyscallError } from "./error.ts";

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
  // Only for calls that the oldest supported C library (2.17) has no wrapper for.
  syscall: { args: [u64, u64, ptr, u64, u64, ptr], returns: size },
});

export const libc = library.symbols;

/** System call numbers without a wrapper in glibc 2.17, by architecture (asm/unistd.h). */
export const SYS =
  process.arch === "arm64" ? { getdents64: 61, statx: 291 } : { getdents64: 217, statx: 332 };

// The address is the same for the life of the main thread, which runs all our code.
const errnoLocation = libc.__errno_location() as Pointer; // `as`: never NULL, errno(3)

/**
 * Gives back the result of a system call as a number, or throws what errno says of it.
 *
 * Call it as `check("open", target, libc.open(…))`: nothing may run between the call and the look at errno.
 * @throws {SyscallError} where `result` is -1
 */
export function check(syscall: string, target: string | number, result: number | bigint): number {
  if (Number(result) === -1) {
    throw new SyscallError(syscall, errnoName(read.i32(errnoLocation, 0)), String(target));
  }
  return Number(result);
}

const encoder = new TextEncoder();

/** A path or name as the C library reads it: UTF-8 with a closing NUL. */
export function cString(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}
