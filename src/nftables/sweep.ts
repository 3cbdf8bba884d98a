/** What attachments leave in our tables for those after them, once nobody comes any more. */

import { NetlinkError } from "../netlink/error.ts";
import { readIfname } from "../netlink/netfilter/ifname.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { removeElements } from "./apply.ts";
import type { Element } from "./elements/element.ts";
import { listElements } from "./elements/query.ts";
import { FEATURES } from "./features/list.ts";
import { TABLE_NAME } from "./tables/requests.ts";
import { inetTable } from "./tables/tables.ts";

/** The sets of what the attachments of a bridge share. */
export const SHARED_SETS: readonly string[] = inetTable.sets
  .filter(({ isShared }) => isShared === true)
  .map(({ name }) => name);

/** Elements of bridges that are gone, and hashed chains that nothing leads to. */
export interface Unused {
  readonly elements: readonly Element[];
  readonly chains: readonly string[];
}

export function findUnused(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): Unused {
  return { elements: staleBridgeElements(socket, hasBridge), chains: idleChains(socket) };
}

/** Removes what `findUnused` finds. */
export function sweepTables(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): void {
  const { elements, chains } = findUnused(socket, hasBridge);
  removeElements(socket, elements);
  for (const name of chains) deleteChain(socket, name);
}

function staleBridgeElements(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): Element[] {
  return SHARED_SETS.flatMap((set) => listElements(socket, "inet", set)).filter(
    ({ key }) => !hasBridge(readIfname(key)),
  );
}

function idleChains(socket: NetfilterSocket): string[] {
  const body = { nfgen_family: inetTable.family };
  const chains = socket.dump({ message: "NFT_MSG_GETCHAIN", body }, "NFT_MSG_NEWCHAIN");
  const patterns = FEATURES.flatMap(({ hashedChains = [] }) => hashedChains);
  const isIdle = (name: string, use: number | undefined) =>
    patterns.some(({ prefix, ruleCount }) => name.startsWith(prefix) && use === ruleCount);
  return chains.flatMap(({ NFTA_CHAIN_TABLE: table, NFTA_CHAIN_NAME: name = "", NFTA_CHAIN_USE: use }) =>
    table === TABLE_NAME && isIdle(name, use) ? [name] : [],
  );
}

/** An ADD may have come to use it meanwhile; then it stays. */
function deleteChain(socket: NetfilterSocket, name: string): void {
  const body = { nfgen_family: inetTable.family, NFTA_CHAIN_TABLE: TABLE_NAME, NFTA_CHAIN_NAME: name };
  const [refusal] = socket.transact([{ message: "NFT_MSG_DELCHAIN", body }]);
  if (refusal !== undefined && refusal.errno !== "EBUSY" && refusal.errno !== "ENOENT")
    throw new NetlinkError(refusal);
}
