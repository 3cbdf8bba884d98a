/** The keys of any program's set or verdict map. */

import type { NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import { type Bound, toBounds } from "../netlink/netfilter/set-bound.ts";
import type { Chain } from "./chains.ts";

/** Those of a set of the chain's table; undefined where they are of a sort that is not looked at. */
export function listBounds(
  socket: NetfilterSocket,
  { family, table }: Pick<Chain, "family" | "table">,
  set: string,
): Bound[] | undefined {
  const body = {
    nfgen_family: family,
    NFTA_SET_ELEM_LIST_TABLE: table,
    NFTA_SET_ELEM_LIST_SET: set,
  };
  const elements = socket
    .dump({ message: "NFT_MSG_GETSETELEM", body }, "NFT_MSG_NEWSETELEM")
    .flatMap((message) => message.NFTA_SET_ELEM_LIST_ELEMENTS ?? []);
  return toBounds(elements);
}
