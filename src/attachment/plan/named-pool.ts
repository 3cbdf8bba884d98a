/** What is asked of a named network's files while its pool is locked: they may have changed since the plan was made. */

import { type Address, parseAddress, sameAddress } from "../../addr/address.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import { listEndpoints, readNetwork } from "../../network/files/read-files.ts";
import type { HostLocal } from "./ipam.ts";

/** `network delete` looks for reservations under the same lock: after it, none may come. @throws {CniError} 7 */
export function requirePoolDir({ named, network }: HostLocal): void {
  if (named === undefined || readNetwork(named.configDir, network) !== undefined) return;
  const problem = `network "${network}" was deleted a moment ago`;
  throw new CniError(CNI_ERROR.invalidNetconf, problem, "podwire network list shows what there is");
}

/** True for addresses that are given out only where they are asked for by name. */
export function isReservedBy({ named, network }: HostLocal): (address: Address) => boolean {
  if (named === undefined || named.isByEndpoint) return () => false;
  const { endpoints, faults } = listEndpoints(named.configDir);
  const own = endpoints.filter((endpoint) => endpoint.network === network);
  const kept = [
    ...own.flatMap(({ addresses }) => addresses),
    ...faults.flatMap(({ file }) => addressesIn(file)),
  ];
  return (address) => kept.some((other) => sameAddress(other, address));
}

/** Every address that stands in a file, whatever else does: one that is wrong keeps them until somebody corrects it. */
function addressesIn(file: string): Address[] {
  const words = readTextFileIfAny(file)?.match(/[0-9a-f.:]+/gi) ?? [];
  return words.flatMap((word) => parseAddress(word) ?? []);
}
