/** One agent a node: by a lock on the directory of records, which the kernel frees when its holder dies. */

import { RECORD_ROOT } from "../attachment/record/store.ts";
import { makeDirectory } from "../linux/directory.ts";
import { closeFile, exists, OPEN, openFile } from "../linux/file.ts";
import { isLockedElsewhere, LockTimeout, lockDescriptor } from "../linux/lock.ts";

/** An agent that was told to end may need a moment for it. */
const PREDECESSOR_MS = 3_000;

/**
 * Locks the directory of records: what other agents of this node would do too.
 * @throws {Error} one is at work: each would end the other's journal
 */
export function requireAlone(): Disposable {
  makeDirectory(RECORD_ROOT, 0o700);
  const fd = openFile(RECORD_ROOT, OPEN.readOnly);
  const close = { [Symbol.dispose]: () => closeFile(fd) };
  try {
    lockDescriptor(fd, RECORD_ROOT, PREDECESSOR_MS);
    return close;
  } catch (error) {
    close[Symbol.dispose]();
    if (!(error instanceof LockTimeout)) throw error;
    throw new Error("another agent runs on this node: one is enough", { cause: error });
  }
}

/** True where an agent holds the lock; it may be any agent of the node. */
export function isAgentRunning(): boolean {
  if (!exists(RECORD_ROOT)) return false;
  const fd = openFile(RECORD_ROOT, OPEN.readOnly);
  try {
    return isLockedElsewhere(fd, RECORD_ROOT);
  } finally {
    closeFile(fd);
  }
}
