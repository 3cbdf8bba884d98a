/** Tables with `flags owner`: while the process lives that made one, the kernel lets nobody else change it (EPERM). */

import { TABLE_FLAG } from "../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import type { Chain } from "./chains.ts";

type InTable = Pick<Chain, "family" | "table">;

/** Those of the chains that a process keeps to itself. Without chains the kernel is not asked. */
export function ownedOf<C extends InTable>(socket: NetfilterSocket, chains: readonly C[]): C[] {
  if (chains.length === 0) return [];
  const tables = socket.dump({ message: "NFT_MSG_GETTABLE", body: {} }, "NFT_MSG_NEWTABLE");
  const owned = tables.flatMap((table) => {
    const { nfgen_family: family = 0, NFTA_TABLE_NAME: name = "", NFTA_TABLE_FLAGS: flags = 0 } = table;
    return (flags & TABLE_FLAG.OWNER) === 0 ? [] : [keyOf({ family, table: name })];
  });
  return chains.filter((chain) => owned.includes(keyOf(chain)));
}

function keyOf({ family, table }: InTable): string {
  return `${family} ${table}`;
}
