/** Connections that the kernel still tracks although what they lead to has changed. */

import { type Address, sameAddress } from "../addr/address.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { NetlinkError } from "../netlink/error.ts";
import { CTA_FILTER_FLAG, type conntrackMessage } from "../netlink/netfilter/conntrack.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { type HostPort, IPPROTO, type Protocol, type Target } from "./host-ports.ts";
import type { NetfilterSocket } from "./ruleset.ts";
import type { NetfilterRequest } from "./table.ts";

type Connection = ValueOf<typeof conntrackMessage>;

/** Forgets the connections through host ports that a pod answered which is gone. */
export function flushAnswered(socket: NetfilterSocket, targets: readonly Target[]): void {
  const isAnswered = (connection: Connection, { pod }: Target) => isSame(answererOf(connection), pod);
  const filters = distinctValues(targets.map(({ pod }) => pod)).flatMap((pod) => answeredBy(pod) ?? []);
  flush(socket, targets, filters, isAnswered);
}

/**
 * Forgets UDP "connections" to a host port that was given to a pod: they would go on to where they went before.
 *
 * Those to other hosts' ports of the same number stay; `local` gives the node's own addresses.
 */
export function flushUdp(
  socket: NetfilterSocket,
  targets: readonly Target[],
  local: () => readonly Address[],
): void {
  const udp = targets.filter(({ port }) => port.protocol === "udp");
  if (udp.length === 0) return;
  const own = local();
  const destinations = ({ port, pod }: Target) =>
    port.hostIp === undefined || port.hostIp.value === 0n
      ? own.filter(({ family }) => family === pod.family)
      : [port.hostIp];
  const filters = udp.flatMap((target) =>
    destinations(target).flatMap((address) => madeTo(address, target.port) ?? []),
  );
  flush(socket, udp, filters, (connection, target) =>
    destinations(target).some((address) => isSame(destinationOf(connection), address)),
  );
}

function isSame(found: Address | undefined, wanted: Address): boolean {
  return found !== undefined && sameAddress(found, wanted);
}

function distinctValues(addresses: readonly Address[]): Address[] {
  return [...new Map(addresses.map((address) => [`${address.family} ${address.value}`, address])).values()];
}

/**
 * Filters of IPv4 alone: for IPv6 the kernel's takes every address but the one that is asked for
 * (ctnetlink_filter_match_tuple, Linux 5.8 to 6.18).
 */
function answeredBy(pod: Address): Connection | undefined {
  if (pod.family !== 4) return undefined;
  return {
    ...IPV4,
    CTA_TUPLE_REPLY: { CTA_TUPLE_IP: { CTA_IP_V4_SRC: pod, CTA_IP_V4_DST: NOBODY } },
    CTA_FILTER: { CTA_FILTER_ORIG_FLAGS: 0, CTA_FILTER_REPLY_FLAGS: CTA_FILTER_FLAG.IP_SRC },
  };
}

function madeTo(address: Address, { protocol, hostPort }: HostPort): Connection | undefined {
  if (address.family !== 4) return undefined;
  const { IP_DST, PROTO_DST_PORT, PROTO_NUM } = CTA_FILTER_FLAG;
  return {
    ...IPV4,
    CTA_TUPLE_ORIG: {
      CTA_TUPLE_IP: { CTA_IP_V4_SRC: NOBODY, CTA_IP_V4_DST: address },
      CTA_TUPLE_PROTO: toPort(protocol, hostPort),
    },
    CTA_FILTER: { CTA_FILTER_ORIG_FLAGS: IP_DST | PROTO_NUM | PROTO_DST_PORT, CTA_FILTER_REPLY_FLAGS: 0 },
  };
}

const NOBODY: Address = { family: 4, value: 0n };
/** Version 1: a deletion by filter looks at the family only then. */
const IPV4 = { nfgen_family: NFPROTO.IPV4, version: 1 };

function toPort(protocol: Protocol, port: number) {
  return { CTA_PROTO_NUM: IPPROTO[protocol], CTA_PROTO_SRC_PORT: 0, CTA_PROTO_DST_PORT: port };
}

/**
 * Deletes by filter, where the kernel knows how: it passes over empty buckets, a dump does not (0.3 against 8 ms). What
 * the filters cannot tell is looked for in a dump: IPv6, and everything on kernels that can only dump by filter.
 */
function flush(
  socket: NetfilterSocket,
  targets: readonly Target[],
  filters: readonly Connection[],
  isMeant: (connection: Connection, target: Target) => boolean,
): void {
  const outcomes = socket.exchange(filters.map((body) => ({ message: "IPCTNL_MSG_CT_DELETE", body })));
  const refusal = outcomes.find((outcome) => outcome.refusal !== undefined)?.refusal;
  if (refusal !== undefined && refusal.errno !== "ENOENT" && refusal.errno !== "EINVAL")
    throw new NetlinkError(refusal);
  const isLeft = ({ pod }: Target) => pod.family === 6 || refusal !== undefined;
  deleteMatching(socket, targets.filter(isLeft), isMeant);
}

/** Of the connections that were made to the targets' host ports, deletes those that `isMeant`. */
function deleteMatching(
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

/** The address that a connection's replies come from. */
function answererOf({ CTA_TUPLE_REPLY: reply }: Connection): Address | undefined {
  return reply?.CTA_TUPLE_IP?.CTA_IP_V4_SRC ?? reply?.CTA_TUPLE_IP?.CTA_IP_V6_SRC;
}

function destinationOf({ CTA_TUPLE_ORIG: original }: Connection): Address | undefined {
  return original?.CTA_TUPLE_IP?.CTA_IP_V4_DST ?? original?.CTA_TUPLE_IP?.CTA_IP_V6_DST;
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
