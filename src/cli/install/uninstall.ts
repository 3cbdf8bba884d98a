/** Takes away what was installed, the configuration first, and brings back what was there before. */

import { rmdirSync } from "node:fs";
import { dirname } from "node:path";
import { removeFile } from "../../linux/file.ts";
import { ConfigLock } from "../../network/files/write-files.ts";
import { contentOf, digestOf, putFile } from "./files.ts";
import { type Entry, readReceipt, writeReceipt } from "./receipt.ts";

export type Undoing = "remove" | "restore" | "gone" | "left";

export interface Undone {
  readonly path: string;
  /** `left`: somebody has changed it since. */
  readonly action: Undoing;
}

/** What {@link uninstall} would do. */
export function planUninstall(confDir: string, force: boolean): readonly Undone[] {
  return readReceipt(confDir)
    .toReversed()
    .map((entry) => ({ path: entry.path, action: decide(entry, force) }));
}

/** Files that are left stay in the list, for another try. */
export function uninstall(confDir: string, force: boolean): readonly Undone[] {
  using _lock = ConfigLock.take(`${confDir}/podwire.d`);
  let entries = readReceipt(confDir);
  return entries.toReversed().map((entry) => {
    const action = decide(entry, force);
    if (action === "remove") removeFile(entry.path);
    if (action === "restore" && entry.former !== undefined) putFile(entry.path, contentOf(entry.former));
    if (action === "left") return { path: entry.path, action };
    entries = entries.filter((other) => other !== entry);
    writeReceipt(confDir, entries);
    if (entry.former !== undefined) dropFormer(entry.former);
    return { path: entry.path, action };
  });
}

function decide({ path, digest, former }: Entry, force: boolean): Undoing {
  const found = digestOf(path);
  const kept = former === undefined ? undefined : digestOf(former);
  if (kept !== undefined && found === kept) return "gone";
  if (found !== undefined && found !== digest && !force) return "left";
  if (kept !== undefined) return "restore";
  return found === undefined ? "gone" : "remove";
}

/** With its directories, where they are empty now. */
function dropFormer(former: string): void {
  removeFile(former);
  for (const directory of [dirname(former), dirname(dirname(former))]) removeIfEmpty(directory);
}

function removeIfEmpty(directory: string): void {
  try {
    rmdirSync(directory);
  } catch {
    // safe: what is kept of others, or changed, stays
  }
}
