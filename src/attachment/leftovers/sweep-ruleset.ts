/** The end of rules that no pod needs any more. */

import { getLink } from "../../link/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { sweepTables } from "../../nftables/sweep.ts";
import { findForeign } from "../../nftables/tables/foreign.ts";
import { hasTable } from "../../nftables/tables/query.ts";
import { inetTable } from "../../nftables/tables/tables.ts";
import type { RemovalSockets } from "../del.ts";

/** Nothing to do where this kernel has no table of ours, or only one of that name that another program made. */
export function sweepRuleset(host: RouteSocket, netfilter: RemovalSockets["netfilter"]): void {
  const socket = netfilter.getIfSupported();
  if (socket === undefined || !hasTable(socket, inetTable)) return;
  if (findForeign(socket, inetTable) === undefined)
    sweepTables(socket, (ifname) => getLink(host, ifname) !== undefined);
}
