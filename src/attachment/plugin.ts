/** One call of the plugin from environment and standard input to the document on standard output. */

import { encodeResult } from "../cni/encode-result.ts";
import { type Environment, readEnvironment, type Variables } from "../cni/environment.ts";
import type { CniError } from "../cni/error.ts";
import { decodeRequest, type Request } from "../cni/request.ts";
import { encodeVersions, versionIn } from "../cni/version-answer.ts";
import { LATEST_VERSION } from "../cni/versions.ts";
import { add } from "./add.ts";
import { check } from "./check.ts";
import { del } from "./del.ts";
import { toCniError } from "./errors.ts";
import { gc } from "./gc.ts";
import { isLoopback, runLoopback } from "./loopback.ts";
import type { Output } from "./output.ts";
import { status } from "./status.ts";

/** How the call reaches the world; given by the executable's entry. */
export interface Streams extends Output {
  readStdin(): Uint8Array;
  /** Writes the one document. @throws {SyscallError} where nobody reads it */
  writeStdout(document: object): void;
}

/** Runs one call. @returns the exit status: 0, or 1 after an error document was printed */
export function runPlugin(variables: Variables, streams: Streams): number {
  let stdin: Uint8Array = new Uint8Array(0);
  try {
    const environment = readEnvironment(variables);
    stdin = streams.readStdin();
    if (environment.command === "VERSION") {
      streams.writeStdout(encodeVersions(stdin));
      return 0;
    }
    const request = decodeRequest(environment, stdin);
    runVerb(environment.command, request, streams);
    return 0;
  } catch (error) {
    return fail(toCniError(error), versionIn(stdin) ?? LATEST_VERSION, streams);
  }
}

function runVerb(
  command: Exclude<Environment["command"], "VERSION">,
  request: Request,
  streams: Streams,
): void {
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

function fail(error: CniError, cniVersion: string, streams: Streams): number {
  try {
    streams.writeStdout(error.toDocument(cniVersion));
  } catch (cause) {
    streams.report(`${error.message}; and the error document could not be written: ${String(cause)}`);
  }
  return 1;
}
