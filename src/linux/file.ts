/** Files by synchronous system calls: no thread, no module of the runtime is loaded for them. */

import { ignoringErrno, isErrno } from "./error.ts";
import { check, cString, libc } from "./libc.ts";

// fcntl.h (asm-generic); arm64 differs from x86-64 in O_DIRECTORY alone, so that one is not used.
export const OPEN = {
  readOnly: 0,
  writeOnly: 1,
  readWrite: 2,
  create: 0o100,
  exclusive: 0o200,
  truncate: 0o1000,
  append: 0o2000,
  nonBlock: 0o4000,
  closeOnExec: 0o2000000,
} as const;

const CHUNK = 4096;

/** Opens a path and gives the file descriptor. @throws {SyscallError} @see open(2) */
export function openFile(path: string, flags: number, mode = 0o600): number {
  return check("open", path, libc.open(cString(path), flags | OPEN.closeOnExec, mode));
}

export function closeFile(fd: number): void {
  libc.close(fd);
}

/** How a descriptor is read: to its end however long that takes; what is there; or what a read(2) gives that has room left. */
type Patience = "waits" | "what is there" | "in one piece";

/**
 * Reads a file descriptor to its end.
 *
 * `limit` is in bytes; more than that is cut off after `limit + 1`, so that a caller can tell. Where the descriptor is
 * non-blocking and has nothing yet, it waits, unless it is to read what is there. @throws {SyscallError}
 */
export function readAll(
  fd: number,
  target: string,
  limit = Number.MAX_SAFE_INTEGER,
  patience: Patience = "waits",
): Uint8Array {
  let buffer = new Uint8Array(CHUNK);
  let length = 0;
  while (length <= limit) {
    if (length === buffer.length) {
      const larger = new Uint8Array(buffer.length * 4);
      larger.set(buffer);
      buffer = larger;
    }
    const rest = buffer.subarray(length);
    const count = readOnce(fd, target, rest, patience === "waits");
    length += count;
    if (count === 0 || (patience === "in one piece" && count < rest.length)) break;
  }
  return buffer.subarray(0, Math.min(length, limit + 1));
}

function readOnce(fd: number, target: string, buffer: Uint8Array, waits: boolean): number {
  for (;;) {
    try {
      return check("read", target, libc.read(fd, buffer, buffer.length));
    } catch (error) {
      if (waits && isErrno(error, "EAGAIN")) waitFor(fd, POLL.in);
      else if (!isErrno(error, "EINTR")) throw error;
    }
  }
}

/** Event bits of poll(2). */
export const POLL = { in: 1, out: 4 } as const;

/** Waits until `fd` is ready for `events`, or `timeoutMs` (-1: for ever); false on a timeout. @see poll(2) */
export function waitFor(fd: number, events: number, timeoutMs = -1): boolean {
  const pollfd = new Uint8Array(new ArrayBuffer(8));
  const view = new DataView(pollfd.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, events, true);
  return check("poll", fd, libc.poll(pollfd, 1, timeoutMs)) > 0;
}

/** Sleeps. Only for retries of what the kernel cannot announce. */
export function sleepMs(milliseconds: number): void {
  libc.poll(null, 0, milliseconds);
}

/** Writes all of `bytes`, waiting where the descriptor is non-blocking. @throws {SyscallError} EPIPE: nobody reads */
export function writeAll(fd: number, bytes: Uint8Array, target: string): void {
  let rest = bytes;
  while (rest.length > 0) {
    try {
      rest = rest.subarray(check("write", target, libc.write(fd, rest, rest.length)));
    } catch (error) {
      if (isErrno(error, "EAGAIN")) waitFor(fd, POLL.out);
      else if (!isErrno(error, "EINTR")) throw error;
    }
  }
}

/** Bytes that nobody can guess. @see urandom(4) */
export function readRandom(length: number): Uint8Array {
  const bytes = new Uint8Array(new ArrayBuffer(length));
  const fd = openFile("/dev/urandom", OPEN.readOnly);
  try {
    check("read", "/dev/urandom", libc.read(fd, bytes, length));
    return bytes;
  } finally {
    closeFile(fd);
  }
}

/** Bytes that a text file may have; a device has no end. */
const TEXT_LIMIT = 16 * 1024 * 1024;

/** The text of a file; never waits for a pipe in its place. @throws {SyscallError} ENOENT: there is none; {@link isNoFile} */
export function readTextFile(path: string): string {
  const fd = openFile(path, OPEN.readOnly | OPEN.nonBlock);
  try {
    return readTextOf(fd, path);
  } finally {
    closeFile(fd);
  }
}

/** The same of an open file, whose descriptor must not wait. */
export function readTextOf(fd: number, path: string, patience: Patience = "what is there"): string {
  return new TextDecoder().decode(readAll(fd, path, TEXT_LIMIT, patience));
}

/** The same of a file of one line, on a disk or of a kernel parameter: it comes in one piece. */
export function readLineIfFile(path: string): string | undefined {
  try {
    return readLine(path);
  } catch (error) {
    if (isNoFile(error) || isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw error;
  }
}

/** @throws {SyscallError} */
export function readLine(path: string): string {
  const fd = openFile(path, OPEN.readOnly | OPEN.nonBlock);
  try {
    return readTextOf(fd, path, "in one piece").trim();
  } finally {
    closeFile(fd);
  }
}

/** True for the error of a file in whose place is something else: a directory, a pipe, a loop of links. */
export function isNoFile(error: unknown): boolean {
  return isErrno(error, "EISDIR", "EAGAIN", "ELOOP", "ENXIO", "ENODEV");
}

/** The text of a file, or undefined where there is none. @throws {SyscallError} for any other failure */
export function readTextFileIfAny(path: string): string | undefined {
  return ignoringErrno(() => readTextFile(path), undefined, "ENOENT", "ENOTDIR");
}

/** The same, and undefined also where something else is in the file's place. */
export function readTextIfFile(path: string): string | undefined {
  try {
    return readTextFileIfAny(path);
  } catch (error) {
    if (isNoFile(error)) return undefined;
    throw error;
  }
}

/** True where there is something of that name. @see access(2) F_OK */
export function exists(path: string): boolean {
  return libc.access(cString(path), 0) === 0;
}

/** Overwrites a file that exists in place: for `/proc` and `/sys`. */
export function writeInPlace(path: string, text: string): void {
  writeText(path, text, OPEN.writeOnly);
}

/** Gives a file this text alone, making it where it is missing; not atomically: for what may be lost. */
export function overwriteFile(path: string, text: string): void {
  writeText(path, text, OPEN.writeOnly | OPEN.create | OPEN.truncate | OPEN.nonBlock);
}

function writeText(path: string, text: string, flags: number): void {
  const fd = openFile(path, flags);
  try {
    writeAll(fd, new TextEncoder().encode(text), path);
  } finally {
    closeFile(fd);
  }
}

/** Waits until what was written to the file is on the disk. @see fsync(2) */
export function syncFile(fd: number, path: string): void {
  check("fsync", path, libc.fsync(fd));
}

/** Gives a file another name in the same file system; one that has that name already is gone. @see rename(2) */
export function renameFile(from: string, to: string): void {
  check("rename", to, libc.rename(cString(from), cString(to)));
}

const PATH_MAX = 4096; // linux/limits.h

/** The target of a symbolic link, as it is written in it; undefined where there is no link. @see readlink(2) */
export function readLink(path: string): string | undefined {
  const buffer = new Uint8Array(new ArrayBuffer(PATH_MAX));
  const read = () => check("readlink", path, libc.readlink(cString(path), buffer, buffer.length));
  const length = ignoringErrno(read, 0, "ENOENT", "ENOTDIR", "EINVAL");
  return length === 0 ? undefined : new TextDecoder().decode(buffer.subarray(0, length));
}

/** Makes a symbolic link, atomically. @throws {SyscallError} EEXIST: the name is taken @see symlink(2) */
export function createSymlink(target: string, path: string): void {
  check("symlink", path, libc.symlink(cString(target), cString(path)));
}

/** Removes a file; false where there was none. */
export function removeFile(path: string): boolean {
  return ignoringErrno(
    () => check("unlink", path, libc.unlink(cString(path))) === 0,
    false,
    "ENOENT",
    "ENOTDIR",
  );
}
