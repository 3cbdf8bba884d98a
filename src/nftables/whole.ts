/** Whether the chains of our tables are as whole as elements need them. */

import type { NetfilterRequest, NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import type { TableDefinition } from "./tables/definition.ts";
import { dumpRules, isDormant, requireNfTables } from "./tables/query.ts";
import { TABLE_NAME } from "./tables/requests.ts";
import { inetTable } from "./tables/tables.ts";
import { hashedChainsOf, tablesOf, type Wanted } from "./wanted.ts";

/** True where every chain that the elements need has as many rules and references as it should. */
export function isBaseWhole(socket: NetfilterSocket, wanted: Wanted): boolean {
  if (!areTablesWhole(socket, tablesOf(wanted))) return false;
  return hashedChainsOf(wanted).every(
    ({ name, rules }) => dumpRules(socket, inetTable.family, name).length === rules.length,
  );
}

/** The same of the tables' own chains. */
export function areTablesWhole(socket: NetfilterSocket, tables: readonly TableDefinition[]): boolean {
  const wantedUse: number[] = [];
  const requests: NetfilterRequest[] = [];
  for (const { family, chains } of tables) {
    for (const { name, use } of chains) {
      wantedUse.push(use);
      requests.push(getChainRequest(family, name));
    }
  }
  const uses = socket.exchange(requests).map(({ replies, refusal }) => {
    requireNfTables(refusal);
    return socket.decode(replies, "NFT_MSG_NEWCHAIN")[0]?.NFTA_CHAIN_USE;
  });
  for (let index = 0; index < wantedUse.length; index++) if (uses[index] !== wantedUse[index]) return false;
  return true;
}

/** True where the base is whole, and the kernel calls its chains. */
export function isBaseInForce(socket: NetfilterSocket, wanted: Wanted): boolean {
  return isBaseWhole(socket, wanted) && !tablesOf(wanted).some((table) => isDormant(socket, table));
}

function getChainRequest(nfgen_family: number, name: string): NetfilterRequest {
  const body = { nfgen_family, NFTA_CHAIN_TABLE: TABLE_NAME, NFTA_CHAIN_NAME: name };
  return { message: "NFT_MSG_GETCHAIN", body };
}
