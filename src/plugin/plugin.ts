/** One call of the plugin from environment and standard input to the document on standard output. */

import { add } from "../attachment/add.ts";
import { check } from "../attachment/check.ts";
import { del } from "../attachment/del.ts";
import { delByRecord, delRenamed } from "../attachment/del-by-record.ts";
import { toCniError } from "../attachment/errors.ts";
import { gc } from "../attachment/gc.ts";
import type { Output } from "../attachment/output.ts";
import { status } from "../attachment/status.ts";
import { encodeResult } from "../cni/encode-result.ts";
import { type Environment, readEnvironment, type Variables } from "../cni/environment.ts";
import { networkIn, versionIn } from "../cni/readable.ts";
import { decodeRequest, type Request } from "../cni/request.ts";
import { encodeVersions } from "../cni/version-answer.ts";
import { LATEST_VERSION } from "../cni/versions.ts";
import { CniError } from "../error/cni-error.ts";
import { journalCall } from "./call-journal.ts";
import { isLoopback, runLoopback } from "./loopback.ts";
import { refuseOther } from "./other-plugins.ts";

/** How the call reaches the world; given by the executable's entry. */
export interface Streams extends Output {
  readStdin(): Uint8Array;
  /** Writes the one document. @throws {SyscallError} where nobody reads it */
  writeStdout(document: object): void;
}

type Verb = Exclude<Environment["command"], "VERSION">;

/** Runs one call. @returns the exit status: 0, or 1 after an error document was printed */
export function runPlugin(variables: Variables, streams: Streams): number {
  let stdin: Uint8Array = new Uint8Array(0);
  let request: Request | undefined;
  try {
    const environment = readEnvironment(variables);
    const { command } = environment;
    stdin = streams.readStdin();
    if (command === "VERSION") {
      streams.writeStdout(encodeVersions(stdin));
      return 0;
    }
    request = decodeOrRemove(environment, stdin, streams);
    if (request !== undefined) follow(command, request, streams);
    journalCall(command, request, undefined, streams);
    return 0;
  } catch (cause) {
    const error = toCniError(cause);
    deliver(error.toDocument(versionIn(stdin) ?? LATEST_VERSION), streams);
    journalCall(variables.CNI_COMMAND ?? "", request, error, streams);
    return 1;
  }
}

/** Undefined for a DEL that cannot be decoded, and is done: a pod can be removed whatever its configuration. */
function decodeOrRemove(environment: Environment, stdin: Uint8Array, streams: Streams): Request | undefined {
  try {
    const request = decodeRequest(environment, stdin);
    void request.netconf.type; // throws where it is wrong
    return request;
  } catch (fault) {
    if (environment.command !== "DEL" || !(fault instanceof CniError)) throw fault;
    delByRecord(environment, networkIn(stdin), fault, streams);
    return undefined;
  }
}

function follow(verb: Verb, request: Request, streams: Streams): void {
  // What is to be removed must not stay for a fault in the log's settings.
  if (verb !== "DEL" && verb !== "GC") void request.netconf.log; // throws where it is wrong
  // What was made under such a name is still checked and removed.
  if (request.netconf.type !== "podwire" && (verb === "ADD" || verb === "STATUS")) refuseOther(request);
  if (isLoopback(request)) {
    const result = runLoopback(verb, request, streams);
    if (result !== undefined) streams.writeStdout(encodeResult(result, request.cniVersion));
  } else if (verb === "ADD") addAndDeliver(request, streams);
  else if (verb === "DEL") void (del(request, streams) || delRenamed(request, streams));
  else if (verb === "CHECK") check(request, streams);
  else if (verb === "GC") gc(request, streams);
  else status(request, streams);
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

function deliver(document: { readonly msg?: string }, streams: Streams): void {
  try {
    streams.writeStdout(document);
  } catch (cause) {
    streams.report(`${document.msg}; and the error document could not be written: ${String(cause)}`);
  }
}
