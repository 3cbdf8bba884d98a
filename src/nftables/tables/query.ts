/** What the kernel has of our tables and chains. */

import { ignoringErrno } from "../../linux/error.ts";
import { NetlinkError, type Refusal } from "../../netlink/error.ts";
import { TABLE_FLAG } from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import type { TableDefinition } from "./definition.ts";
import { TABLE_NAME } from "./requests.ts";

/** False also where the kernel has no nf_tables at all. */
export function hasTable(socket: NetfilterSocket, { family }: TableDefinition): boolean {
  const body = { nfgen_family: family, NFTA_TABLE_NAME: TABLE_NAME };
  return socket
    .exchange([{ message: "NFT_MSG_GETTABLE", body }])
    .every(({ refusal }) => refusal === undefined);
}

/** The table as the kernel has it; undefined where there is none. @throws {NetlinkError} the kernel cannot be asked */
export function getTable(socket: NetfilterSocket, { family }: TableDefinition) {
  const body = { nfgen_family: family, NFTA_TABLE_NAME: TABLE_NAME };
  const [outcome] = socket.exchange([{ message: "NFT_MSG_GETTABLE", body }]);
  requireNfTables(outcome?.refusal);
  return socket.decode(outcome?.replies ?? [], "NFT_MSG_NEWTABLE")[0];
}

/** True where the table is there, and its chains are not called for any packet. */
export function isDormant(socket: NetfilterSocket, table: TableDefinition): boolean {
  return ((getTable(socket, table)?.NFTA_TABLE_FLAGS ?? 0) & TABLE_FLAG.DORMANT) !== 0;
}

/** A missing object is an answer; anything else says that the kernel cannot be asked. */
export function requireNfTables(refusal: Refusal | undefined): void {
  if (refusal !== undefined && refusal.errno !== "ENOENT") throw new NetlinkError(refusal);
}

/** The rules of a chain of ours; none where it does not exist. */
export function dumpRules(socket: NetfilterSocket, nfgen_family: number, chain: string) {
  const body = { nfgen_family, NFTA_RULE_TABLE: TABLE_NAME, NFTA_RULE_CHAIN: chain };
  return ignoringErrno(
    () => socket.dump({ message: "NFT_MSG_GETRULE", body }, "NFT_MSG_NEWRULE"),
    [],
    "ENOENT",
  );
}
