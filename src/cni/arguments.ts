/** CNI_ARGS: `KEY=VALUE` pairs separated by semicolons, names as libcni spells them. */

import { isTrue } from "./environment.ts";
import { CNI_ERROR, CniError } from "./error.ts";

/** The keys that podwire acts on; those that name a Kubernetes pod are accepted and passed on. */
const KNOWN = ["MAC", "IP", "PODWIRE_NETWORK", "PODWIRE_PERF_TIER", "IgnoreUnknown"];
const KUBERNETES = /^K8S_/;

/** Reads the pairs without judging them: what is no pair is left out. Later duplicates win. */
export function readArguments(text: string): ReadonlyMap<string, string> {
  if (text === "") return new Map();
  const pairs = text.split(";").map((pair) => pair.split("="));
  return new Map(
    pairs.filter((pair) => pair.length >= 2).map(([key = "", ...value]) => [key, value.join("=")]),
  );
}

/** @throws {CniError} 4 for a part that is no pair, or for keys that nobody knows unless `IgnoreUnknown` is set */
export function checkArguments(text: string): void {
  if (text === "") return;
  const broken = text.split(";").find((part) => part !== "" && !part.includes("="));
  if (broken !== undefined)
    throw invalidArgument(`"${broken}" is no pair`, "KEY=VALUE pairs separated by ';'");
  const pairs = readArguments(text);
  if (isTrue(pairs.get("IgnoreUnknown") ?? "")) return;
  const unknown = [...pairs.keys()].filter((key) => !KNOWN.includes(key) && !KUBERNETES.test(key));
  if (unknown.length === 0) return;
  throw invalidArgument(
    `unknown keys ${unknown.join(", ")}`,
    `${KNOWN.join(", ")}, K8S_*, or IgnoreUnknown=1 beside them`,
  );
}

function invalidArgument(problem: string, wanted: string): CniError {
  return new CniError(CNI_ERROR.invalidEnvironment, `CNI_ARGS: ${problem}`, `want ${wanted}`);
}
