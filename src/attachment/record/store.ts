/** Records on disk: written before anything else by ADD, removed last by DEL, locked while either works. */

import { CNI_ERROR } from "../../error/code.ts";
import { PodwireError } from "../../error/podwire-error.ts";
import { createAtomic } from "../../linux/atomic-file.ts";
import { makeDirectory } from "../../linux/directory.ts";
import { isErrno } from "../../linux/error.ts";
import {
  closeFile,
  exists,
  isNoFile,
  OPEN,
  openFile,
  readTextOf,
  removeFile,
  writeAll,
} from "../../linux/file.ts";
import { isLockedElsewhere, lockDescriptor } from "../../linux/lock.ts";
import { statDescriptor } from "../../linux/stat.ts";
import { type Attachment, hostIfnameOf } from "../attachment.ts";
import { decodeRecord, encodeAddition, encodeRecord } from "./codec.ts";
import type { AttachmentRecord } from "./record.ts";

export const RECORD_ROOT = "/run/podwire";

const NAME_LENGTH = 240; // leaves room below NAME_MAX for the suffix

/** The attachment has a record already. */
export class AttachmentExists extends PodwireError {
  override readonly name = "AttachmentExists";
  constructor(path: string, cause: unknown) {
    const meaning = { code: CNI_ERROR.alreadyExists, advice: "DEL the attachment before it is added again" };
    super(`attachment has a record already: ${path}`, { ...meaning, cause });
  }
}

export function directoryOf(network: string): string {
  return `${RECORD_ROOT}/${network}`;
}

/** Neither part can contain the colon between them. */
function pathOf(attachment: Attachment): string {
  const name = `${attachment.containerId}:${attachment.ifname}`;
  const short = new TextEncoder().encode(name).length <= NAME_LENGTH ? name : hostIfnameOf(attachment);
  return `${directoryOf(attachment.network)}/${short}.json`;
}

/**
 * Writes the record, locked for as long as this process lives. `onFirst` is called before it is the network's first on
 * this node: those that there were may have been lost.
 * @returns the open descriptor, for `extendRecord`
 * @throws {AttachmentExists} there is one; nothing was changed
 */
export function writeRecord(record: AttachmentRecord, onFirst: () => void): number {
  const path = pathOf(record);
  const create = () => createAtomic(path, encodeRecord(record), (fd) => lockDescriptor(fd, path, 0));
  try {
    return create();
  } catch (error) {
    if (isErrno(error, "EEXIST")) throw new AttachmentExists(path, error);
    if (!isErrno(error, "ENOENT")) throw error;
    onFirst();
    makeDirectory(directoryOf(record.network), 0o700);
    return create();
  }
}

/** Adds what became known later. */
export function extendRecord(fd: number, more: Partial<AttachmentRecord>): void {
  writeAll(fd, new TextEncoder().encode(encodeAddition(more)), "record");
}

/** A record on disk, locked. */
export interface OpenRecord {
  /** Undefined where the file holds no whole record. */
  readonly record: AttachmentRecord | undefined;
  /** Gives the lock back; without it the record stays locked while this process lives. */
  unlock(): void;
}

/**
 * Waits for an ADD of the attachment that still runs, takes the record's lock and reads it. Undefined where there is
 * none. `waitMs`: absent, as long as a plugin call waits for any lock.
 * @throws {LockTimeout}
 */
export function lockRecord(attachment: Attachment, waitMs?: number): OpenRecord | undefined {
  const path = pathOf(attachment);
  for (;;) {
    const fd = openIfAny(path);
    if (fd === "no file") return { record: undefined, unlock: () => undefined };
    if (fd === undefined) return undefined;
    lockOrClose(fd, path, waitMs);
    if (statDescriptor(fd).linkCount > 0) return { record: parse(fd, path), unlock: () => closeFile(fd) };
    closeFile(fd); // removed while we waited
  }
}

/** A program that goes on after a timeout has no use for the descriptor. */
function lockOrClose(fd: number, path: string, waitMs?: number): void {
  try {
    lockDescriptor(fd, path, waitMs);
  } catch (error) {
    closeFile(fd);
    throw error;
  }
}

/** Undefined where there is none. */
function openIfAny(path: string): number | "no file" | undefined {
  try {
    return openFile(path, OPEN.readOnly | OPEN.nonBlock);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    if (isNoFile(error)) return "no file";
    throw error;
  }
}

/** The record as it is, without waiting for an ADD that still runs; undefined where there is none, or none that is whole. */
export function readRecord(attachment: Attachment): AttachmentRecord | undefined {
  return readRecordFile(pathOf(attachment));
}

/** The same of a path. */
export function readRecordFile(path: string): AttachmentRecord | undefined {
  const fd = openIfAny(path);
  if (typeof fd !== "number") return undefined;
  try {
    return parse(fd, path);
  } finally {
    closeFile(fd);
  }
}

export function hasRecord(attachment: Attachment): boolean {
  return exists(pathOf(attachment));
}

/** True where the network has or had attachments on this node since it was started. */
export function isKnownNetwork(network: string): boolean {
  return exists(directoryOf(network));
}

/** True while an ADD or a DEL of the attachment works. */
export function isRecordLocked(attachment: Attachment): boolean {
  const path = pathOf(attachment);
  const fd = openIfAny(path);
  if (typeof fd !== "number") return false;
  try {
    return isLockedElsewhere(fd, path);
  } finally {
    closeFile(fd);
  }
}

export function removeRecord(attachment: Attachment): void {
  removeFile(pathOf(attachment));
}

function parse(fd: number, path: string): AttachmentRecord | undefined {
  try {
    return decodeRecord(readTextOf(fd, path));
  } catch {
    return undefined; // safe: DEL then searches instead of relying on the record
  }
}
