/** What attachments leave in our tables for those after them, once nobody comes any more. */

import { NetlinkError } from "../netlink/error.ts";
import type { Element } from "./element.ts";
import { inetTable } from "./inet-table.ts";
import { ifnameIn } from "./key.ts";
import { CHAIN_RULES, MASQUERADE_PREFIX } from "./masquerade.ts";
import { listElements, type NetfilterSocket, removeElements } from "./ruleset.ts";
import { TABLE_NAME } from "./table.ts";

/** Of what the attachments of a bridge share. */
export const BRIDGE_SETS = ["bridges", "guarded", "isolated"];

/** Elements of bridges that are gone, and masquerade chains that nothing leads to. */
export interface Untidy {
  readonly elements: readonly Element[];
  readonly chains: readonly string[];
}

export function findUntidy(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): Untidy {
  return { elements: staleBridgeElements(socket, hasBridge), chains: idleChains(socket) };
}

/** Removes what `findUntidy` finds. */
export function tidy(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): void {
  const { elements, chains } = findUntidy(socket, hasBridge);
  removeElements(socket, elements);
  for (const name of chains) deleteChain(socket, name);
}

function staleBridgeElements(socket: NetfilterSocket, hasBridge: (ifname: string) => boolean): Element[] {
  return BRIDGE_SETS.flatMap((set) => listElements(socket, "inet", set)).filter(
    ({ key }) => !hasBridge(ifnameIn(key)),
  );
}

function idleChains(socket: NetfilterSocket): string[] {
  const body = { nfgen_family: inetTable.family };
  const chains = socket.dump({ message: "NFT_MSG_GETCHAIN", body }, "NFT_MSG_NEWCHAIN");
  return chains.flatMap(({ NFTA_CHAIN_TABLE: table, NFTA_CHAIN_NAME: name = "", NFTA_CHAIN_USE: use }) =>
    table === TABLE_NAME && name.startsWith(MASQUERADE_PREFIX) && use === CHAIN_RULES ? [name] : [],
  );
}

/** An ADD may have come to use it meanwhile; then it stays. */
function deleteChain(socket: NetfilterSocket, name: string): void {
  const body = { nfgen_family: inetTable.family, NFTA_CHAIN_TABLE: TABLE_NAME, NFTA_CHAIN_NAME: name };
  const [refusal] = socket.transact([{ message: "NFT_MSG_DELCHAIN", body }]);
  if (refusal !== undefined && refusal.errno !== "EBUSY" && refusal.errno !== "ENOENT")
    throw new NetlinkError(refusal);
}
