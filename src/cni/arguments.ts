/** CNI_ARGS: `KEY=VALUE` pairs separated by semicolons, names as libcni spells them. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { isTrue } from "./environment.ts";

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

/** The Kubernetes pod that a container is for. */
export interface PodName {
  readonly namespace: string;
  readonly name: string;
  /** Empty where the runtime did not say. */
  readonly uid: string;
}

/** Undefined where the runtime names none: it is no pod of Kubernetes. */
export function readPodName(text: string): PodName | undefined {
  const pairs = readArguments(text);
  const name = pairs.get("K8S_POD_NAME") ?? "";
  if (name === "") return undefined;
  return { namespace: pairs.get("K8S_POD_NAMESPACE") ?? "", name, uid: pairs.get("K8S_POD_UID") ?? "" };
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
