/** The CNI_* variables of one call: what each verb needs, and what their values may be. */

import { isIfname, WANT_IFNAME } from "../addr/ifname.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { quote } from "../error/quote.ts";

export const COMMANDS = ["ADD", "DEL", "CHECK", "GC", "STATUS", "VERSION"] as const;
export type Command = (typeof COMMANDS)[number];

export type Variables = Readonly<Record<string, string | undefined>>;

export interface Environment {
  readonly command: Command;
  /** These four are empty where the variable is not set; GC, STATUS and VERSION neither use nor check them. */
  readonly containerId: string;
  readonly netns: string;
  readonly ifname: string;
  readonly args: string;
  /** Directories where delegated plugins are looked for, in order. */
  readonly path: readonly string[];
  /** The runtime says that CNI_NETNS may be the plugin's own namespace. */
  readonly mayUseOwnNetns: boolean;
  /** All variables of the call, for delegated plugins. */
  readonly variables: Variables;
}

const REQUIRED: Readonly<Record<Command, readonly string[]>> = {
  ADD: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  CHECK: ["CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME"],
  DEL: ["CNI_CONTAINERID", "CNI_IFNAME"],
  GC: [],
  STATUS: [],
  VERSION: [],
};

/** Containers and networks: starts with a letter or digit, then letters, digits, `_`, `.`, `-` (SPEC.md). */
export const IDENTIFIER = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** @throws {CniError} 4, with the variable's name */
export function readEnvironment(variables: Variables): Environment {
  const command = COMMANDS.find((verb) => verb === variables.CNI_COMMAND);
  if (command === undefined) {
    throw invalid("CNI_COMMAND", `is "${variables.CNI_COMMAND}"`, `one of ${COMMANDS.join(", ")}`);
  }
  const required = REQUIRED[command];
  const missing = required.filter((name) => (variables[name] ?? "") === "");
  if (required.includes("CNI_CONTAINERID")) checkValues(variables);
  if (missing.length > 0) {
    const problem = `required environment variables missing: ${missing.join(", ")}`;
    throw new CniError(CNI_ERROR.invalidEnvironment, problem, `${command} needs ${required.join(", ")}`);
  }
  return {
    command,
    containerId: variables.CNI_CONTAINERID ?? "",
    netns: variables.CNI_NETNS ?? "",
    ifname: variables.CNI_IFNAME ?? "",
    args: variables.CNI_ARGS ?? "",
    path: (variables.CNI_PATH ?? "").split(":").filter((directory) => directory !== ""),
    mayUseOwnNetns: isTrue(variables.CNI_NETNS_OVERRIDE ?? ""),
    variables,
  };
}

function checkValues(variables: Variables): void {
  const containerId = variables.CNI_CONTAINERID ?? "";
  if (containerId !== "" && !IDENTIFIER.test(containerId)) {
    const wanted = "a letter or digit followed by letters, digits, '_', '.' or '-'";
    throw invalid("CNI_CONTAINERID", `"${containerId}" has invalid characters`, wanted);
  }
  const ifname = variables.CNI_IFNAME ?? "";
  if (ifname !== "") checkIfname(ifname);
}

function checkIfname(ifname: string): void {
  if (!isIfname(ifname)) throw invalid("CNI_IFNAME", `${quote(ifname)} is no interface name`, WANT_IFNAME);
}

/** How libcni's tools write a boolean in a variable. */
export function isTrue(text: string): boolean {
  return text === "1" || text.toLowerCase() === "true";
}

function invalid(variable: string, problem: string, wanted: string): CniError {
  return new CniError(CNI_ERROR.invalidEnvironment, `${variable}: ${problem}`, `want ${wanted}`);
}
