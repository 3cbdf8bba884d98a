/** The node's list of kernel parameters that pods may set: the reference tuning plugin's file. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import type { Sysctl } from "./tuning.ts";

const ALLOWLIST = "/etc/cni/tuning/allowlist.conf";

/** Passes where there is no list. A line is a regular expression that may match anywhere in the name. @throws {CniError} 7 */
export function requireAllowed(sysctls: readonly Sysctl[]): void {
  if (sysctls.length === 0) return;
  const patterns = readTextFileIfAny(ALLOWLIST)
    ?.split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  if (patterns === undefined) return;
  const allowed = patterns.map(toRegExp);
  const refused = sysctls.filter(({ name }) => !allowed.some((pattern) => pattern.test(name)));
  if (refused.length === 0) return;
  const problem = `sysctl: ${refused.map(({ name }) => name).join(", ")} is not allowed on this node`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    `want what ${ALLOWLIST} allows: ${patterns.join(", ")}`,
  );
}

function toRegExp(line: string): RegExp {
  try {
    return new RegExp(line);
  } catch (cause) {
    const problem = `${ALLOWLIST}: "${line}" is no regular expression`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "correct the line", { cause });
  }
}
