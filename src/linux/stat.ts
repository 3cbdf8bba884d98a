/** Facts about a file: identity, times, kind. */

import { check, cString, libc, SYS } from "./libc.ts";

export interface FileStatus {
  /** Equal for files of one file system. */
  readonly device: string;
  /** Equal for two paths exactly where they are the same file: device and inode. */
  readonly identity: string;
  readonly isRegular: boolean;
  readonly linkCount: number;
  /** Bytes. */
  readonly size: number;
  /** Seconds since the epoch. */
  readonly modifiedAt: number;
  readonly changedAt: number;
}

const AT_FDCWD = 0xffff_ffff_ffff_ff9cn; // -100 as the unsigned register value
const STATX_BYTES = 256; // of struct statx
const AT_SYMLINK_NOFOLLOW = 0x100;
const AT_EMPTY_PATH = 0x1000;
const STATX_BASIC_STATS = 0x7ff;
const S_IFMT = 0o170000;
const S_IFREG = 0o100000;

/** @throws {SyscallError} ENOENT: no such file @see statx(2) */
export function statFile(path: string): FileStatus {
  return callStatx(AT_FDCWD, path, 0, path);
}

/** @throws {SyscallError} EBADF @see statx(2) */
export function statDescriptor(fd: number): FileStatus {
  return callStatx(BigInt(fd), "", AT_EMPTY_PATH, String(fd));
}

/** The same of a link itself. @throws {SyscallError} ENOENT */
export function statLink(path: string): FileStatus {
  return callStatx(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, path);
}

function callStatx(directory: bigint, path: string, flags: number, target: string): FileStatus {
  const buffer = new Uint8Array(new ArrayBuffer(STATX_BYTES));
  check("statx", target, libc.syscall(SYS.statx, directory, cString(path), flags, STATX_BASIC_STATS, buffer));
  const view = new DataView(buffer.buffer);
  const device = `${view.getUint32(136, true)}:${view.getUint32(140, true)}`;
  return {
    device,
    identity: `${device}:${view.getBigUint64(32, true)}`,
    isRegular: (view.getUint16(28, true) & S_IFMT) === S_IFREG,
    linkCount: view.getUint32(16, true),
    size: Number(view.getBigUint64(40, true)),
    changedAt: Number(view.getBigInt64(96, true)),
    modifiedAt: Number(view.getBigInt64(112, true)),
  };
}
