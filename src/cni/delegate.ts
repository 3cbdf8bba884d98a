/** Delegated plugins: found in CNI_PATH, run with our input, their answer or error taken over. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { quote } from "../error/quote.ts";
import { integerField, stringField, toFields } from "../json/fields.ts";
import { isErrno } from "../linux/error.ts";
import { sleepMs } from "../linux/file.ts";
import { spawn } from "../linux/native.ts";
import type { Finished } from "../linux/native-types.ts";
import { statFile } from "../linux/stat.ts";
import { decodeResult } from "./decode-result.ts";
import type { Command, Variables } from "./environment.ts";
import { EMPTY_RESULT, type Result } from "./result.ts";
import type { CniVersion } from "./versions.ts";

/** How delegated plugins are called for one attachment. */
export interface DelegateCall {
  /** Directories where they are looked for, in order. */
  readonly path: readonly string[];
  /** CNI_* and whatever else is in the environment; CNI_COMMAND is replaced. */
  readonly variables: Variables;
  /** The network configuration. */
  readonly stdin: string;
}

const BUSY_ATTEMPTS = 5;
const BUSY_PAUSE_MS = 1_000;

/** Runs a delegated ADD. @throws {CniError} the plugin's own error, or 104 */
export function delegateAdd(
  plugin: string,
  call: DelegateCall & { readonly cniVersion: CniVersion },
): Result {
  const stdout = runPlugin(plugin, "ADD", call);
  if (stdout.trim() === "" || stdout.trim() === "null") return EMPTY_RESULT;
  const value = parseAnswer(plugin, stdout);
  try {
    return decodeResult({ path: "result", value }, call.cniVersion);
  } catch (cause) {
    if (!(cause instanceof CniError)) throw cause;
    const problem = `plugin "${plugin}" gave an invalid result: ${cause.message}`;
    throw new CniError(CNI_ERROR.delegate, problem, cause.details, { cause });
  }
}

/** Runs a delegated DEL, CHECK, GC or STATUS. @throws {CniError} the plugin's own error, or 104 */
export function delegate(
  plugin: string,
  command: Exclude<Command, "ADD" | "VERSION">,
  call: DelegateCall,
): void {
  runPlugin(plugin, command, call);
}

/**
 * The first regular file of that name in CNI_PATH, as libcni searches (SPEC.md, Section 4).
 * @throws {CniError} 7 for what is no name, 104 where there is no such file
 */
export function findPlugin(plugin: string, path: readonly string[]): string {
  if (plugin === "" || plugin.includes("/")) {
    const problem = `ipam.type: ${quote(plugin)} is no plugin name`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want the name of a file in CNI_PATH");
  }
  const found = lookUpPlugin(plugin, path);
  if (found !== undefined) return found;
  const where = path.length === 0 ? "CNI_PATH is empty" : `no such file in ${path.join(", ")}`;
  const problem = `plugin "${plugin}" not found: ${where}`;
  throw new CniError(CNI_ERROR.delegate, problem, "install it there, or correct ipam.type");
}

/** Like `findPlugin`; undefined where there is none. */
export function lookUpPlugin(plugin: string, path: readonly string[]): string | undefined {
  return path.map((directory) => `${directory}/${plugin}`).find(isRegularFile);
}

function isRegularFile(path: string): boolean {
  try {
    return statFile(path).isRegular;
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) return false;
    throw error;
  }
}

function runPlugin(plugin: string, command: Command, { path, variables, stdin }: DelegateCall): string {
  const file = findPlugin(plugin, path);
  const ended = spawnPatiently(file, { ...variables, CNI_COMMAND: command }, stdin);
  const stdout = new TextDecoder().decode(ended.stdout);
  if (ended.exitCode === 0) return stdout;
  throw toError(plugin, command, stdout, ended.exitCode ?? ended.signal ?? "no exit status");
}

/** A plugin that is being replaced at this moment gives ETXTBSY: it is tried again for a while, as libcni does. */
function spawnPatiently(file: string, variables: Variables, stdin: string): Finished {
  const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  const input = new TextEncoder().encode(stdin);
  for (let attempt = 1; ; attempt++) {
    const ended = spawn(file, environment, input);
    if (typeof ended !== "string") return ended;
    if (ended !== "ETXTBSY" || attempt === BUSY_ATTEMPTS) {
      throw new CniError(CNI_ERROR.delegate, `exec "${file}": ${ended}`);
    }
    sleepMs(BUSY_PAUSE_MS);
  }
}

/** The plugin's own error document as our error, code and words unchanged. */
function toError(plugin: string, command: Command, stdout: string, status: number | string): CniError {
  if (stdout.trim() === "") {
    return new CniError(
      CNI_ERROR.delegate,
      `plugin "${plugin}" ${command} failed with ${status} and gave no error`,
    );
  }
  const fields = toFields({ path: `error of ${plugin}`, value: parseAnswer(plugin, stdout) });
  const code = integerField(fields, "code", 0, Number.MAX_SAFE_INTEGER) ?? CNI_ERROR.delegate;
  return new CniError(code, stringField(fields, "msg") ?? "", stringField(fields, "details") ?? "");
}

function parseAnswer(plugin: string, stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    const problem = `plugin "${plugin}" printed no JSON: ${quote(stdout)}`;
    throw new CniError(CNI_ERROR.delegate, problem, "", { cause });
  }
}
