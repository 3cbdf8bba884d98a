/** What the kernel shows of an emulated card with three functions, and of one with none, as sysfs-igb.txt records it. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

export interface SysfsEntry {
  readonly kind: "directory" | "link" | "file";
  /** Of a link what it leads to, of a file what is in it without the line end; empty for a directory, and for a file that cannot be read. */
  readonly value: string;
}

/** The record, as test/support/guest/list-sysfs prints it. */
export const SYSFS_LISTING = readFileSync(resolve(import.meta.dirname, "sysfs-igb.txt"), "utf8");

/** The record by path below /sys. */
export function sysfsEntries(): ReadonlyMap<string, SysfsEntry> {
  return new Map(SYSFS_LISTING.trimEnd().split("\n").map(toEntry));
}

function toEntry(line: string): [string, SysfsEntry] {
  const [, kind, path = "", value = ""] = /^(\S+) (\S+)(?: (?:->|=|!) (.*))?$/.exec(line) ?? [];
  if (kind !== "directory" && kind !== "link" && kind !== "file")
    throw new Error(`no line of a listing: ${line}`);
  return [path, { kind, value: line.includes(" ! ") ? "" : value }];
}
