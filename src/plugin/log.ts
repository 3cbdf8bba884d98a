/** One JSON line for each plugin call in a file that the configuration names, in the format of pino. */

import { ERROR, INFO, type LogConfig } from "../cni/netconf/log.ts";
import type { CniError } from "../error/cni-error.ts";
import { makeDirectory } from "../linux/directory.ts";
import { isErrno } from "../linux/error.ts";
import { closeFile, OPEN, openFile, readTextFile, renameFile, writeAll } from "../linux/file.ts";
import { libc } from "../linux/libc.ts";
import { LockTimeout, lockDescriptor } from "../linux/lock.ts";
import { statDescriptor, statFile } from "../linux/stat.ts";

/** Bytes; then the file becomes `<logFile>.1`, in place of the one before it. */
export const LOG_LIMIT = 10 * 1024 * 1024;

/** What one call was. */
export interface LoggedCall {
  readonly verb: string;
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Since the program was started. */
  readonly ms: number;
  /** Undefined where all went well. */
  readonly error: CniError | undefined;
}

/** Appends the line. @throws {SyscallError} the file cannot be written */
export function writeLog({ file, level }: LogConfig, call: LoggedCall): void {
  const own = call.error === undefined ? INFO : ERROR;
  if (own < level) return;
  const fd = openLog(file);
  try {
    writeAll(fd, new TextEncoder().encode(`${JSON.stringify(toLine(own, call))}\n`), file);
  } finally {
    closeFile(fd);
  }
}

function toLine(level: number, { error, ...call }: LoggedCall): object {
  const { code, message, details } = error ?? {};
  return {
    level,
    time: Date.now(),
    pid: libc.getpid(),
    hostname: readTextFile("/proc/sys/kernel/hostname").trimEnd(),
    ...call,
    ...(error === undefined ? {} : { err: { type: error.name, code, message, details } }),
    msg: message ?? `${call.verb} done`,
  };
}

function openLog(file: string): number {
  const fd = openForAppend(file);
  if (statDescriptor(fd).size < LOG_LIMIT) return fd;
  try {
    rotate(fd, file);
  } catch (error) {
    if (error instanceof LockTimeout) return fd; // another call does it: this line goes into the older file
    closeFile(fd);
    throw error;
  }
  closeFile(fd);
  return openForAppend(file);
}

function openForAppend(file: string): number {
  const open = () => openFile(file, OPEN.writeOnly | OPEN.append | OPEN.create, 0o640);
  try {
    return open();
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
    makeDirectory(file.slice(0, file.lastIndexOf("/")));
    return open();
  }
}

/** Whoever has the full file's lock gives it its other name; who comes later finds that the name is another file's. */
function rotate(fd: number, file: string): void {
  lockDescriptor(fd, file, 0);
  if (hasName(fd, file)) renameFile(file, `${file}.1`);
}

function hasName(fd: number, file: string): boolean {
  try {
    return statFile(file).identity === statDescriptor(fd).identity;
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
