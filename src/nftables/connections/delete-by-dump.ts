/** Deletes connections that a dump shows: what the kernel cannot delete by filter. */

import { IPPROTO } from "../../addr/service.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { type Connection, CTA_FILTER_FLAG } from "../../netlink/netfilter/conntrack.ts";
import { NFPROTO } from "../../netlink/netfilter/header.ts";
import type { NetfilterRequest, NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import type { Target } from "../features/host-port.ts";
import { toPort } from "./connection.ts";

/** Of the connections that were made to the targets' host ports, deletes those that `isMeant`. */
export function deleteMatching(
  socket: NetfilterSocket,
  targets: readonly Target[],
  isMeant: (connection: Connection, target: Target) => boolean,
): void {
  if (targets.length === 0) return;
  const connections = listThrough(socket, targets).filter((connection) =>
    targets.some((target) => isThrough(connection, target) && isMeant(connection, target)),
  );
  deleteEach(socket, connections);
}

function isThrough({ CTA_TUPLE_ORIG: original }: Connection, { port }: Target): boolean {
  const { CTA_PROTO_NUM: protocol, CTA_PROTO_DST_PORT: destination } = original?.CTA_TUPLE_PROTO ?? {};
  return protocol === IPPROTO[port.protocol] && destination === port.hostPort;
}

/**
 * The connections to these ports, and maybe others.
 *
 * The kernel looks at its whole table for each request, and we at every connection that it shows: whichever is less.
 */
function listThrough(socket: NetfilterSocket, targets: readonly Target[]): Connection[] {
  const count = countConnections(socket);
  const ports = new Map(targets.map(({ port }) => [`${port.protocol} ${port.hostPort}`, port]));
  if (count === 0) return [];
  if (ports.size * CONNECTIONS_BY_PASS > count) return listConnections(socket, {});
  return [...ports.values()].flatMap(({ protocol, hostPort }) =>
    listConnections(socket, {
      CTA_TUPLE_ORIG: {
        CTA_TUPLE_IP: {},
        CTA_TUPLE_PROTO: toPort(protocol, hostPort),
      },
      CTA_FILTER: {
        CTA_FILTER_ORIG_FLAGS: CTA_FILTER_FLAG.PROTO_NUM | CTA_FILTER_FLAG.PROTO_DST_PORT,
        CTA_FILTER_REPLY_FLAGS: 0,
      },
    }),
  );
}

/** A pass over a table of 262144 buckets takes as long as decoding so many connections. */
const CONNECTIONS_BY_PASS = 500;

/** None also where this kernel has no netlink for connection tracking: then nobody can forget any. */
function countConnections(socket: NetfilterSocket): number {
  const body = { nfgen_family: NFPROTO.UNSPEC };
  const [outcome] = socket.exchange([{ message: "IPCTNL_MSG_CT_GET_STATS", body }]);
  const [stats] = socket.decode(outcome?.replies ?? [], "IPCTNL_MSG_CT_GET_STATS");
  return stats?.CTA_STATS_GLOBAL_ENTRIES ?? 0;
}

/** Of both families. */
function listConnections(socket: NetfilterSocket, filter: Connection): Connection[] {
  const body = { nfgen_family: NFPROTO.UNSPEC, ...filter };
  return socket.dump({ message: "IPCTNL_MSG_CT_GET", body }, "IPCTNL_MSG_CT_NEW");
}

function deleteEach(socket: NetfilterSocket, connections: readonly Connection[]): void {
  const requests = connections.map(
    ({ nfgen_family = 0, CTA_TUPLE_ORIG = {}, CTA_ID = 0 }): NetfilterRequest => ({
      message: "IPCTNL_MSG_CT_DELETE",
      body: { nfgen_family, CTA_TUPLE_ORIG, CTA_ID },
    }),
  );
  for (const { refusal } of socket.exchange(requests)) {
    const isGone = refusal === undefined || refusal.errno === "ENOENT"; // it ended by itself
    if (!isGone) throw new NetlinkError(refusal);
  }
}
