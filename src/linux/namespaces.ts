/** Lists the network namespaces of this machine. */

import { listDirectory } from "./directory.ts";
import { ignoringErrno } from "./error.ts";
import { statFile } from "./stat.ts";

/** Where container runtimes and ip-netns(8) mount them. */
const DIRECTORIES = ["/run/netns", "/run/docker/netns"];

/** A path to each, the process's own too: those that are mounted somewhere, and those of processes. */
export function listNetworkNamespaces(): string[] {
  const mounted = DIRECTORIES.flatMap((directory) =>
    listDirectory(directory).map((name) => `${directory}/${name}`),
  );
  const processes = listDirectory("/proc").filter((name) => Number(name) > 0);
  const own = "/proc/self/ns/net";
  const { device } = statFile(own);
  const byIdentity = new Map<string, string>();
  for (const path of [own, ...mounted, ...processes.map((pid) => `/proc/${pid}/ns/net`)]) {
    const status = ignoringErrno(() => statFile(path), undefined, "ENOENT", "ESRCH", "EACCES");
    if (status === undefined || status.device !== device || byIdentity.has(status.identity)) continue;
    byIdentity.set(status.identity, path);
  }
  return [...byIdentity.values()];
}
