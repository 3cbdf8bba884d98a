/** Puts executable, links and configuration in place, in this order, and keeps what was there before. */

import { basename, dirname } from "node:path";
import { ConfigLock } from "../../network/files/write-files.ts";
import { type Content, contentOf, digestOf, putFile, wantedDigest } from "./files.ts";
import { type Entry, readReceipt, writeReceipt } from "./receipt.ts";

/** What is to be in place. */
export interface Wanted {
  readonly path: string;
  readonly content: Content;
}

export type Action = "install" | "replace" | "unchanged";

export interface Change {
  readonly path: string;
  readonly action: Action;
  /** Where that is kept which was in its place; absent where nothing was, or it was ours. */
  readonly kept?: string;
}

interface Step extends Wanted, Change {
  readonly entry: Entry;
}

/** What {@link install} would change. */
export function planInstall(confDir: string, wanted: readonly Wanted[]): readonly Change[] {
  return planSteps(confDir, wanted).map(toChange);
}

/** Installs; files that are as they should be are left alone. */
export function install(confDir: string, wanted: readonly Wanted[]): readonly Change[] {
  using _lock = ConfigLock.take(`${confDir}/podwire.d`);
  const steps = planSteps(confDir, wanted);
  const earlier = readReceipt(confDir);
  for (const { path, kept } of steps) if (kept !== undefined) putFile(kept, contentOf(path));
  // Before anything is changed: whoever is killed now leaves a list that uninstall can follow.
  const entries = steps.map(({ entry }) => entry);
  const others = earlier.filter(({ path }) => !entries.some((entry) => entry.path === path));
  if (JSON.stringify([...others, ...entries]) !== JSON.stringify(earlier))
    writeReceipt(confDir, [...others, ...entries]);
  for (const { path, content, action } of steps) if (action !== "unchanged") putFile(path, content);
  return steps.map(toChange);
}

function planSteps(confDir: string, wanted: readonly Wanted[]): Step[] {
  const earlier = readReceipt(confDir);
  return wanted.map((one) => planStep(confDir, one, earlier));
}

function planStep(confDir: string, { path, content }: Wanted, earlier: readonly Entry[]): Step {
  const before = earlier.find((entry) => entry.path === path);
  const digest = wantedDigest(content);
  const found = digestOf(path);
  const former = before?.former === undefined ? {} : { former: before.former };
  const step = { path, content, entry: { path, digest, ...former } };
  if (found === digest) return { ...step, action: "unchanged" };
  if (found === undefined) return { ...step, action: "install" };
  const isFormer = before?.former !== undefined && found === digestOf(before.former);
  if (found === before?.digest || isFormer) return { ...step, action: "replace" };
  const kept = `${confDir}/podwire.d/former/${basename(dirname(path))}/${basename(path)}`;
  // Somebody has changed what was installed: uninstall restores what was there before it, not this.
  if (before !== undefined) return { ...step, action: "replace", kept: `${kept}.changed` };
  return { ...step, action: "replace", kept, entry: { path, digest, former: kept } };
}

function toChange({ path, action, kept }: Step): Change {
  return { path, action, ...(kept === undefined ? {} : { kept }) };
}
