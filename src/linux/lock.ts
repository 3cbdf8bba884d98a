/** Advisory locks on files, freed by the kernel when their holder dies. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { makeDirectory } from "./directory.ts";
import { ignoringErrno, isErrno } from "./error.ts";
import { closeFile, OPEN, openFile, sleepMs } from "./file.ts";
import { check, libc } from "./libc.ts";

const LOCK_EX = 2;
const LOCK_NB = 4;
/** How long a call waits for a lock unless it says otherwise. */
const LOCK_WAIT_MS = 10_000;
const FIRST_PAUSE_MS = 1;
const LONGEST_PAUSE_MS = 8;

/** The lock was still held when the time to wait was over. */
export class LockTimeout extends PodwireError {
  override readonly name = "LockTimeout";
  constructor(path: string, waitMs: number) {
    super(`lock "${path}": still held by another process after ${waitMs / 1000} s`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "another call holds it; try again",
    });
  }
}

/**
 * Takes the exclusive lock of an open file, waiting up to `waitMs`, by default 10 s.
 *
 * flock(2) itself has no timeout and the kernel announces no release, hence the pauses.
 * @throws {LockTimeout}
 */
export function lockDescriptor(fd: number, path: string, waitMs = LOCK_WAIT_MS): void {
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

/** True where another descriptor holds the lock. Otherwise this one has it, until it is closed. */
export function isLockedElsewhere(fd: number, path: string): boolean {
  try {
    lockDescriptor(fd, path, 0);
    return false;
  } catch (error) {
    if (error instanceof LockTimeout) return true;
    throw error;
  }
}

/**
 * Takes a lock on a file made for it; the file and its directory (mode 0700) are made where they are missing.
 * Disposing gives it back.
 * @throws {LockTimeout} {@link SyscallError} EROFS, EACCES
 */
export function takeLock(path: string): Disposable {
  const fd = openLock(path);
  try {
    lockDescriptor(fd, path);
  } catch (error) {
    closeFile(fd);
    throw error;
  }
  return { [Symbol.dispose]: () => closeFile(fd) };
}

function openLock(path: string): number {
  const open = () => openFile(path, OPEN.create | OPEN.readWrite | OPEN.nonBlock);
  const fd = ignoringErrno(open, -1, "ENOENT");
  if (fd >= 0) return fd;
  makeDirectory(path.slice(0, path.lastIndexOf("/")), 0o700);
  return open();
}
