/** The C library: raw calls, reliable errno. */

import { errnoName } from "./errno.ts";
import { SyscallError } from "./error.ts";
import { arch, lastErrno, libc } from "./native.ts";

export { libc };

/** System call numbers without a wrapper in glibc 2.17, by architecture (asm/unistd.h). */
export const SYS = arch === "arm64" ? { getdents64: 61, statx: 291 } : { getdents64: 217, statx: 332 };

/**
 * Gives back the result of a system call as a number, or throws what errno says of it.
 *
 * Call it as `check("open", target, libc.open(…))`: nothing may run between the call and the look at errno.
 * @throws {SyscallError} where `result` is -1
 */
export function check(syscall: string, target: string | number, result: number | bigint): number {
  if (Number(result) === -1) throw new SyscallError(syscall, errnoName(lastErrno()), String(target));
  return Number(result);
}

const encoder = new TextEncoder();

/** A path or name as the C library reads it: UTF-8 with a closing NUL. */
export function cString(text: string): Uint8Array {
  return encoder.encode(`${text}\0`);
}
