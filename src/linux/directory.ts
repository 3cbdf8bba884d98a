/** Directories by synchronous system calls. */

import { ignoringErrno, isErrno } from "./error.ts";
import { closeFile, exists, OPEN, openFile } from "./file.ts";
import { check, cString, libc, SYS } from "./libc.ts";

/** Makes a directory and its parents, as `mkdir -p`. */
export function makeDirectory(path: string, mode = 0o755): void {
  try {
    check("mkdir", path, libc.mkdir(cString(path), mode));
  } catch (error) {
    if (isErrno(error, "EEXIST")) return;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!isErrno(error, "ENOENT") || parent === "") throw error;
    makeDirectory(parent, mode);
    // Not by itself again: some file systems have no such directory whatever its parents are, as /proc.
    ignoringErrno(() => check("mkdir", path, libc.mkdir(cString(path), mode)), 0, "EEXIST");
  }
}

/** True where this process may create files in the directory, or could create the directory. @see access(2) W_OK, X_OK */
export function isWritableDirectory(path: string): boolean {
  if (libc.access(cString(path), 3) === 0) return true;
  const parent = path.slice(0, path.lastIndexOf("/")) || "/";
  return !exists(path) && path !== "/" && isWritableDirectory(parent);
}

/** The names in a directory, without `.` and `..`; none where there is no such directory. @see getdents64(2) */
export function listDirectory(path: string): string[] {
  const fd = ignoringErrno(() => openFile(path, OPEN.readOnly), -1, "ENOENT", "ENOTDIR");
  if (fd < 0) return [];
  const names: string[] = [];
  const buffer = new Uint8Array(new ArrayBuffer(64 * 1024));
  try {
    for (;;) {
      const length = check(
        "getdents64",
        path,
        libc.syscall(SYS.getdents64, fd, buffer, buffer.length, 0, null),
      );
      if (length === 0) return names;
      readEntries(buffer.subarray(0, length), names);
    }
  } finally {
    closeFile(fd);
  }
}

/** `struct linux_dirent64`: u64 inode, s64 offset, u16 record length, u8 type, name with a closing NUL. */
function readEntries(bytes: Uint8Array, names: string[]): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const decoder = new TextDecoder();
  for (let start = 0; start < bytes.length; start += view.getUint16(start + 16, true)) {
    const nameStart = start + 19;
    const name = decoder.decode(bytes.subarray(nameStart, bytes.indexOf(0, nameStart)));
    if (name !== "." && name !== "..") names.push(name);
  }
}
