/** Advisory locks on files, freed by the kernel when their holder dies. */

import { isErrno } from "./error.ts";
import { sleepMs } from "./file.ts";
import { check, libc } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 8;

/** A lock that somebody else held for the whole time that we were willing to wait. */
export class LockTimeout extends Error {
  override readonly name = "LockTimeout";
  constructor(path: string, waitMs: number) {
    super(`lock "${path}": still held by another process after ${waitMs / 1000} s`);
  }
}

/**
 * Takes the exclusive lock of an open file, waiting up to `waitMs`.
 *
 * flock(2) itself has no timeout and the kernel announces no release, hence the pauses.
 * @throws {LockTimeout}
 */
export function lockDescriptor(fd: number, path: string, waitMs: number): void {
  const deadline = performance.now() + waitMs;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      check("flock", path, libc.flock(fd, LOCK_EX | LOCK_NB));
      return;
    } catch (error) {
      if (!isErrno(error, "EAGAIN", "EINTR")) throw error;
      if (performance.now() >= deadline) throw new LockTimeout(path, waitMs);
    }
    sleepMs(pause);
  }
}
