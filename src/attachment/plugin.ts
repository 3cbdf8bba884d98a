/** One call of the plugin from environment and standard input to the document on standard output. */

import { encodeResult } from "../cni/encode-result.ts";
import { type Environment, readEnvironment, type Variables } from "../cni/environment.ts";
import { decodeRequest, type Request } from "../cni/request.ts";
import { encodeVersions, versionIn } from "../cni/version-answer.ts";
import { LATEST_VERSION } from "../cni/versions.ts";
import { add } from "./add.ts";
import { check } from "./check.ts";
import { del } from "./del.ts";
import { toCniError } from "./errors.ts";
import { gc } from "./gc.ts";
import { isLoopback, runLoopback } from "./loopback.ts";
import { mayBeNamed } from "./may-be-named.ts";
import type { Output } from "./output.ts";
import { status } from "./status.ts";

/** How the call reaches the world; given by the executable's entry. */
export interface Streams extends Output {
  readStdin(): Uint8Array;
  /** Writes the one document. @throws {SyscallError} where nobody reads it */
  writeStdout(document: object): void;
}

/**
 * Runs one call.
 * @returns the exit status: 0, or 1 after an error document was printed; later where networks by name come into it
 */
export function runPlugin(variables: Variables, streams: Streams): number | Promise<number> {
  let stdin: Uint8Array = new Uint8Array(0);
  try {
    const environment = readEnvironment(variables);
    stdin = streams.readStdin();
    if (environment.command === "VERSION") {
      streams.writeStdout(encodeVersions(stdin));
      return 0;
    }
    const { command } = environment;
    const request = decodeRequest(environment, stdin);
    if (!mayBeNamed(request)) return runVerb(command, request, streams);
    return import("./named.ts").then((named) => runVerb(command, request, { ...streams, named }));
  } catch (error) {
    return fail(error, stdin, streams);
  }
}

type Verb = Exclude<Environment["command"], "VERSION">;

function runVerb(command: Verb, request: Request, streams: Streams): number {
  try {
    follow(command, request, streams);
    return 0;
  } catch (error) {
    return fail(error, new TextEncoder().encode(request.stdin), streams);
  }
}

function follow(command: Verb, request: Request, streams: Streams): void {
  if (isLoopback(request)) {
    const result = runLoopback(command, request, streams);
    if (result !== undefined) streams.writeStdout(encodeResult(result, request.cniVersion));
  } else if (command === "ADD") addAndDeliver(request, streams);
  else ({ DEL: del, CHECK: check, GC: gc, STATUS: status })[command](request, streams);
}

/** A result that cannot be delivered belongs to nobody: the attachment is taken back. */
function addAndDeliver(request: Request, streams: Streams): void {
  const attached = add(request, streams);
  try {
    streams.writeStdout(encodeResult(attached.result, request.cniVersion));
  } catch (error) {
    attached.undo();
    throw error;
  }
}

function fail(cause: unknown, stdin: Uint8Array, streams: Streams): number {
  const error = toCniError(cause);
  const cniVersion = versionIn(stdin) ?? LATEST_VERSION;
  try {
    streams.writeStdout(error.toDocument(cniVersion));
  } catch (unwritten) {
    streams.report(`${error.message}; and the error document could not be written: ${String(unwritten)}`);
  }
  return 1;
}
