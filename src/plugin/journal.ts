/** One line for each plugin call, for a program on the node that counts them; written only while somebody reads. */

import { COMMANDS } from "../cni/environment.ts";
import { closeFile, exists, OPEN, openFile, writeAll } from "../linux/file.ts";
import { statDescriptor } from "../linux/stat.ts";

/** The reader makes it, empties it, and removes it when it ends. */
export const JOURNAL = "/run/podwire/.journal";

/** Bytes; a reader that died leaves a file that grows no further. */
export const JOURNAL_LIMIT = 4 * 1024 * 1024;

export interface JournalEntry {
  /** End of the call, milliseconds since the epoch. */
  readonly time: number;
  readonly verb: string;
  /** Empty where the configuration could not be read. */
  readonly network: string;
  /** 0, or the code of the error. */
  readonly code: number;
  /** Since the program was started. */
  readonly ms: number;
}

/** Appends the entry by one write(2), so that lines of calls at the same time do not mix; never fails. */
export function writeJournal(entry: JournalEntry): void {
  if (!exists(JOURNAL)) return; // an error that says so would cost more
  try {
    const fd = openFile(JOURNAL, OPEN.writeOnly | OPEN.append | OPEN.nonBlock);
    try {
      if (statDescriptor(fd).size < JOURNAL_LIMIT)
        writeAll(fd, new TextEncoder().encode(`${JSON.stringify(entry)}\n`), JOURNAL);
    } finally {
      closeFile(fd);
    }
  } catch {
    // safe: a call is not to fail because it could not be counted
  }
}

/** Undefined for a line that no call has written: each new verb would be a series of its own for ever. */
export function parseJournalEntry(line: string): JournalEntry | undefined {
  try {
    const entry: JournalEntry = JSON.parse(line);
    const isVerb = COMMANDS.some((command) => command === entry.verb);
    const isTime = Number.isFinite(entry.ms) && entry.ms >= 0;
    return isVerb && isTime && Number.isInteger(entry.code) ? entry : undefined;
  } catch {
    return undefined; // safe: a garbled line is one call that is not counted
  }
}
