/** Names that must be free before anything is made. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { getLink, getLinks, type Link } from "../../link/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";

/** @throws {CniError} 100: the container has an interface of that name */
export function requireFreeInPod(container: RouteSocket, ifname: string): void {
  if (getLink(container, ifname) === undefined) return;
  const problem = `interface "${ifname}" exists already in the container's network namespace`;
  throw new CniError(
    CNI_ERROR.alreadyExists,
    problem,
    "DEL the attachment that it belongs to first, or choose another CNI_IFNAME",
  );
}

/**
 * @param ifnames the first may exist, the others must not
 * @returns the first, if there is one already
 * @throws {CniError} 100: one of the others exists
 */
export function requireFreeOnHost(host: RouteSocket, ifnames: readonly string[]): Link | undefined {
  const [first, ...taken] = getLinks(host, ifnames);
  const other = taken.find((link) => link !== undefined);
  if (other === undefined) return first;
  const problem = `interface "${other.ifname}" exists already on the host${other.ifalias && `: ${other.ifalias}`}`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, "DEL the attachment first");
}
