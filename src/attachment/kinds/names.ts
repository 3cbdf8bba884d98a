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
  const [first, ...others] = getLinks(host, ifnames);
  refuseTaken(others);
  return first;
}

/** @throws {CniError} 100: one of them exists */
export function requireAllFreeOnHost(host: RouteSocket, ifnames: readonly string[]): void {
  refuseTaken(getLinks(host, ifnames));
}

function refuseTaken(links: readonly (Link | undefined)[]): void {
  const other = links.find((link) => link !== undefined);
  if (other === undefined) return;
  const problem = `interface "${other.ifname}" exists already on the host${other.ifalias && `: ${other.ifalias}`}`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, "DEL the attachment first");
}
