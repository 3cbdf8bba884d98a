/** What is built, in the words of git. */

import { execFileSync } from "node:child_process";

const INPUTS = ["bin", "src", "engine", "package-lock.json", "scripts/build.ts", "scripts/builder"];

/** The commit that is built; "-dirty" where the tree differs from it. */
export function commit(): string {
  const isDirty = git("status", "--porcelain", "--", ...INPUTS) !== "";
  return `${git("rev-parse", "--short=12", "HEAD") || "unknown"}${isDirty ? "-dirty" : ""}`;
}

/** Empty where there is no history, as in a source archive. */
export function git(...args: readonly string[]): string {
  try {
    return execFileSync("git", args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return ""; // safe: the callers have a word for it
  }
}
