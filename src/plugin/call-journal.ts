/** What is kept of a call beside its document: a line in the node's journal, and one in the log that the user wants. */

import { toCniError } from "../attachment/errors.ts";
import type { Output } from "../attachment/output.ts";
import type { Request } from "../cni/request.ts";
import type { CniError } from "../error/cni-error.ts";
import { writeJournal } from "./journal.ts";
import { writeLog } from "./log.ts";

/**
 * After the document: a runtime that waits for it waits no longer. Never fails the call; `request` is undefined where
 * it could not be read.
 */
export function journalCall(
  verb: string,
  request: Request | undefined,
  error: CniError | undefined,
  { report }: Output,
): void {
  const { network = "", containerId = "", ifname = "" } = request ?? {};
  const ms = Math.round(performance.now() * 100) / 100;
  writeJournal({ time: Date.now(), verb, network, code: error?.code ?? 0, ms });
  if (request === undefined) return;
  try {
    const { log } = request.netconf;
    if (log !== undefined) writeLog(log, { verb, network, containerId, ifname, ms, error });
  } catch (cause) {
    report(`not logged: ${toCniError(cause).message}`);
  }
}
