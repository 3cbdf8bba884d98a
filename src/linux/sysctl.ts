/** Kernel parameters (sysctl) of the current network namespace; `procfs` is where that file system is mounted. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { ignoringErrno, isErrno, SyscallError } from "./error.ts";
import { readLine, writeInPlace } from "./file.ts";

const PROCFS = "/proc";

/** The value without its line end; undefined where this kernel has no such key. Key: `net/ipv4/ip_forward`. */
export function readSysctl(key: string, procfs = PROCFS): string | undefined {
  return ignoringErrno(() => readLine(`${procfs}/sys/${key}`), undefined, "ENOENT", "ENOTDIR");
}

/** A parameter that is needed has another value, and may not be written. */
export class SysctlRefused extends PodwireError {
  override readonly name = "SysctlRefused";
  constructor(key: string, value: string, cause: unknown) {
    super(`sysctl ${key} is ${readSysctl(key)}, and cannot be set to ${value}: ${String(cause)}`, {
      code: CNI_ERROR.kernel,
      advice: "mount /proc/sys writable for the plugin, or set it beforehand",
      cause,
    });
  }
}

/**
 * Where nobody may write and the value is right already, nothing is amiss.
 * @throws {SysctlRefused} {@link SyscallError} ENOENT: no such key in this kernel; EINVAL: no such value
 */
export function writeSysctl(key: string, value: string, procfs = PROCFS): void {
  try {
    writeInPlace(`${procfs}/sys/${key}`, value);
  } catch (cause) {
    if (!isErrno(cause, "EROFS", "EACCES", "EPERM")) throw named(cause, key);
    if (readSysctl(key) !== value) throw new SysctlRefused(key, value, cause);
  }
}

/** The same error, of the path that people know. */
function named(cause: unknown, key: string): unknown {
  if (!(cause instanceof SyscallError)) return cause;
  return new SyscallError(cause.syscall, cause.errno, `${PROCFS}/sys/${key}`);
}

/** Writes a value only where it is another one now; false where this kernel has no such key. */
export function ensureSysctl(key: string, value: string, procfs = PROCFS): boolean {
  const current = readSysctl(key, procfs);
  if (current === undefined) return false;
  if (current !== value) writeSysctl(key, value, procfs);
  return true;
}

/** Writes a value without a look at the one before: for what was made a moment ago; false as with `ensureSysctl`. */
export function setSysctl(key: string, value: string, procfs = PROCFS): boolean {
  const write = () => {
    writeSysctl(key, value, procfs);
    return true;
  };
  return ignoringErrno(write, false, "ENOENT", "ENOTDIR");
}
