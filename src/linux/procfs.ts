/**
 * A procfs of this process alone. In the one at /proc the kernel keeps a directory entry below `sys/net` for each network
 * namespace that was ever looked at there, and walks through all of them for one that is new.
 */

import { closeFile } from "./file.ts";
import { openProcfs } from "./native.ts";

/** Runs `action` with the path of one, or with `/proc` where this process may not mount. */
export function withOwnProcfs<T>(action: (path: string) => T): T {
  const fd = openProcfs();
  if (fd < 0) return action("/proc");
  try {
    return action(`/proc/self/fd/${fd}`);
  } finally {
    closeFile(fd);
  }
}
