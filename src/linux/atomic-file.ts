/** Files that other processes see in full or not at all. */

import { isErrno } from "./error.ts";
import { closeFile, OPEN, openFile, removeFile, renameFile, syncFile, writeAll } from "./file.ts";
import { check, cString, libc } from "./libc.ts";
import { arch } from "./native.ts";

const AT_FDCWD = -100;
const AT_SYMLINK_FOLLOW = 0x400;
// O_TMPFILE holds O_DIRECTORY, whose bit differs between the two architectures.
const O_TMPFILE = 0o20000000 | (arch === "arm64" ? 0o40000 : 0o200000);

/**
 * Makes a file with its content in one step and keeps it open.
 *
 * A process killed anywhere in between leaves nothing. `prepare` runs on the descriptor before anyone can see the
 * name (to lock it, say). Mode 0600.
 * @returns the open descriptor; the caller closes it
 * @throws {SyscallError} EEXIST: the name is taken; nothing was changed. ENOENT: no such directory
 * @see open(2) O_TMPFILE
 */
export function createAtomic(path: string, text: string, prepare: (fd: number) => void = () => {}): number {
  const draft = openDraft(path);
  try {
    writeAll(draft.fd, new TextEncoder().encode(text), path);
    prepare(draft.fd);
    const source = draft.name ?? `/proc/self/fd/${draft.fd}`;
    const linked = libc.linkat(AT_FDCWD, cString(source), AT_FDCWD, cString(path), AT_SYMLINK_FOLLOW);
    check("linkat", path, linked);
    return draft.fd;
  } catch (error) {
    closeFile(draft.fd);
    throw error;
  } finally {
    if (draft.name !== undefined) removeFile(draft.name);
  }
}

/** A file without a name; on a file system that has none (NFS, old overlayfs) one with a hidden name. */
function openDraft(path: string): { fd: number; name?: string } {
  const directory = path.slice(0, path.lastIndexOf("/"));
  try {
    return { fd: openFile(directory, O_TMPFILE | OPEN.readWrite) };
  } catch (error) {
    if (!isErrno(error, "EOPNOTSUPP", "EISDIR", "EINVAL")) throw error;
  }
  return openNamedDraft(path);
}

/** A hidden file beside the one that it is to become. */
function openNamedDraft(path: string): { fd: number; name: string } {
  const slash = path.lastIndexOf("/");
  const name = `${path.slice(0, slash)}/.${path.slice(slash + 1)}.${libc.getpid()}`;
  removeFile(name); // of a killed process that had our number
  return { name, fd: openFile(name, OPEN.readWrite | OPEN.create | OPEN.exclusive) };
}

/**
 * Gives a file another content in one step, or makes it; on the disk when this returns. Mode 0600.
 *
 * A process killed in between leaves the old content, and perhaps a hidden file that the next of its number removes.
 * @throws {SyscallError} ENOENT: no such directory
 */
export function replaceAtomic(path: string, text: string): void {
  const draft = openNamedDraft(path);
  try {
    writeAll(draft.fd, new TextEncoder().encode(text), path);
    syncFile(draft.fd, path);
    renameFile(draft.name, path);
  } catch (error) {
    removeFile(draft.name);
    throw error;
  } finally {
    closeFile(draft.fd);
  }
}
