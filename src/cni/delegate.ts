/** Delegated plugins: found in CNI_PATH, run with our input, their answer or error taken over. */

import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import { quote } from "../error/quote.ts";
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

/** kubelet gives a call two minutes: its pod is better told what is in the way. */
const TIMEOUT_MS = 100_000;
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
 * @throws {CniError} 7 for what is no name, or this executable; 104 where there is no such file
 */
export function findPlugin(plugin: string, path: readonly string[]): string {
  if (plugin === "" || plugin.includes("/")) {
    const problem = `ipam.type: ${quote(plugin)} is no plugin name`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want the name of a file in CNI_PATH");
  }
  const found = lookUpPlugin(plugin, path);
  if (found !== undefined && isThisPlugin(found)) {
    const problem = `ipam.type: "${plugin}" is ${found}, which is this plugin itself`;
    throw new CniError(CNI_ERROR.invalidNetconf, problem, 'want "host-local", or another address plugin');
  }
  if (found !== undefined) return found;
  const where = path.length === 0 ? "CNI_PATH is empty" : `no such file in ${path.join(", ")}`;
  const problem = `plugin "${plugin}" not found: ${where}`;
  throw new CniError(CNI_ERROR.delegate, problem, "install it there, or correct ipam.type");
}

/** What a name in CNI_PATH leads to. */
export function presenceOf(plugin: string, path: readonly string[]): "there" | "missing" | "itself" {
  const found = lookUpPlugin(plugin, path);
  if (found === undefined) return "missing";
  return isThisPlugin(found) ? "itself" : "there";
}

/** @throws {CniError} 7: the name leads to this executable, which would call itself for ever */
export function refuseItself(plugin: string, path: readonly string[]): void {
  if (presenceOf(plugin, path) === "itself") findPlugin(plugin, path);
}

/** By device and inode: a link has another name, and may be of any kind. */
function isThisPlugin(file: string): boolean {
  return statFile(file).identity === statFile("/proc/self/exe").identity;
}

function lookUpPlugin(plugin: string, path: readonly string[]): string | undefined {
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
    const ended = spawn(file, environment, input, TIMEOUT_MS);
    if (typeof ended !== "string") return ended;
    if (ended === "ETIMEDOUT") {
      const problem = `"${file}" did not end within ${TIMEOUT_MS / 1000} s, and was killed`;
      throw new CniError(
        CNI_ERROR.delegate,
        problem,
        "find out what it waits for: a daemon, a lock, a server",
      );
    }
    if (ended !== "ETXTBSY" || attempt === BUSY_ATTEMPTS) {
      throw new CniError(CNI_ERROR.delegate, `exec "${file}": ${ended}`);
    }
    sleepMs(BUSY_PAUSE_MS);
  }
}

/** The plugin's own error document as our error, in its own words. */
function toError(plugin: string, command: Command, stdout: string, status: number | string): CniError {
  if (stdout.trim() === "") {
    return new CniError(
      CNI_ERROR.delegate,
      `plugin "${plugin}" ${command} failed with ${status} and gave no error`,
    );
  }
  const answer = parseAnswer(plugin, stdout);
  const { code, msg, details } = (answer ?? {}) as Readonly<Record<string, unknown>>; // `as`: looked at below
  const text =
    typeof msg === "string" && msg !== "" ? msg : `plugin "${plugin}" ${command} failed: ${quote(answer)}`;
  return new CniError(toCode(code), text, typeof details === "string" ? details : "");
}

const UNKNOWN_CONTAINER = 3;

/** What an error cannot have becomes 104, and so does 3: it would tell the runtime that nothing is left to remove. */
function toCode(code: unknown): number {
  const isCode = typeof code === "number" && Number.isInteger(code) && code > 0 && code < 2 ** 32;
  return isCode && code !== UNKNOWN_CONTAINER ? code : CNI_ERROR.delegate;
}

function parseAnswer(plugin: string, stdout: string): unknown {
  try {
    return JSON.parse(stdout);
  } catch (cause) {
    const problem = `plugin "${plugin}" printed no JSON: ${quote(stdout)}`;
    throw new CniError(CNI_ERROR.delegate, problem, "", { cause });
  }
}
