/** Kernel parameters (sysctl) of the current network namespace. */

import { ignoringErrno } from "./error.ts";
import { readTextFile, writeInPlace } from "./file.ts";

/** The value without its line end; undefined where this kernel has no such key. Key: `net/ipv4/ip_forward`. */
export function readSysctl(key: string): string | undefined {
  return ignoringErrno(() => readTextFile(`/proc/sys/${key}`).trim(), undefined, "ENOENT", "ENOTDIR");
}

/** @throws {SyscallError} ENOENT: no such key in this kernel; EROFS: /proc is mounted read-only */
export function writeSysctl(key: string, value: string): void {
  writeInPlace(`/proc/sys/${key}`, value);
}

/** Writes a value only where it is another one now; false where this kernel has no such key. */
export function ensureSysctl(key: string, value: string): boolean {
  const current = readSysctl(key);
  if (current === undefined) return false;
  if (current !== value) writeSysctl(key, value);
  return true;
}

/** Writes a value without a look at the one before: for what was made a moment ago; false as with `ensureSysctl`. */
export function setSysctl(key: string, value: string): boolean {
  const write = () => {
    writeSysctl(key, value);
    return true;
  };
  return ignoringErrno(write, false, "ENOENT", "ENOTDIR");
}
