/** Connections that the kernel still tracks although what they lead to has changed. */

import type { Address, Family } from "../addr/address.ts";
import type { ValueOf } from "../netlink/codec/type.ts";
import { NetlinkError } from "../netlink/error.ts";
import { CTA_FILTER_FLAG, type conntrackMessage } from "../netlink/netfilter/conntrack.ts";
import { NFPROTO } from "../netlink/netfilter/header.ts";
import { IPPROTO, type Target } from "./host-ports.ts";
import type { NetfilterSocket } from "./ruleset.ts";
import type { NetfilterRequest } from "./table.ts";

type Connection = ValueOf<typeof conntrackMessage>;

/** Forgets the connections through host ports that a pod answered which is gone. */
export function flushAnswered(socket: NetfilterSocket, targets: readonly Target[]): void {
  const pods = targets.map(({ pod }) => pod).filter((pod) => pod.family === 4);
  for (const pod of pods.filter((pod, index) => pods.findIndex(({ value }) => value === pod.value) === index))
    flushAnsweredBy(socket, pod);
  for (const target of targets.filter(({ pod }) => pod.family === 6)) flushAnsweredAt(socket, target);
}

/** IPv4: by the pod's address, whatever the port. */
function flushAnsweredBy(socket: NetfilterSocket, pod: Address): void {
  const body = {
    ...headerOf(pod.family),
    CTA_TUPLE_REPLY: tupleOf(pod.family, { source: pod }),
    CTA_FILTER: { CTA_FILTER_ORIG_FLAGS: 0, CTA_FILTER_REPLY_FLAGS: CTA_FILTER_FLAG.IP_SRC },
  };
  flush(socket, body, (connection) => sourceOf(connection, pod.family)?.value === pod.value);
}

/**
 * IPv6: by the pod's port, and the address is looked at here: the kernel's filter takes every IPv6 address but the one
 * that is asked for (ctnetlink_filter_match_tuple in Linux 5.8 to 6.18).
 */
function flushAnsweredAt(socket: NetfilterSocket, { pod, port }: Target): void {
  const flags = CTA_FILTER_FLAG.PROTO_NUM | CTA_FILTER_FLAG.PROTO_SRC_PORT;
  const body = {
    ...headerOf(pod.family),
    CTA_TUPLE_REPLY: {
      ...tupleOf(pod.family, {}),
      CTA_TUPLE_PROTO: {
        CTA_PROTO_NUM: IPPROTO[port.protocol],
        CTA_PROTO_SRC_PORT: port.containerPort,
        CTA_PROTO_DST_PORT: 0,
      },
    },
    CTA_FILTER: { CTA_FILTER_ORIG_FLAGS: 0, CTA_FILTER_REPLY_FLAGS: flags },
  };
  const isMeant = (connection: Connection) => sourceOf(connection, pod.family)?.value === pod.value;
  deleteEach(socket, listConnections(socket, body).filter(isMeant));
}

/**
 * Forgets UDP "connections" to a host port that was given to a pod: they would go on to where they went before.
 *
 * Those to other hosts' ports of the same number stay; `isLocal` tells the node's own addresses.
 */
export function flushUdp(
  socket: NetfilterSocket,
  targets: readonly Target[],
  isLocal: (address: Address) => boolean,
): void {
  for (const { port, pod } of targets) {
    if (port.protocol !== "udp") continue;
    const { family } = pod;
    const flags = CTA_FILTER_FLAG.PROTO_NUM | CTA_FILTER_FLAG.PROTO_DST_PORT;
    const body = {
      ...headerOf(family),
      CTA_TUPLE_ORIG: {
        ...tupleOf(family, {}),
        CTA_TUPLE_PROTO: {
          CTA_PROTO_NUM: IPPROTO.udp,
          CTA_PROTO_SRC_PORT: 0,
          CTA_PROTO_DST_PORT: port.hostPort,
        },
      },
      CTA_FILTER: { CTA_FILTER_ORIG_FLAGS: flags, CTA_FILTER_REPLY_FLAGS: 0 },
    };
    const isMeant = (connection: Connection) => {
      const { CTA_TUPLE_PROTO: protocol } = connection.CTA_TUPLE_ORIG ?? {};
      const isPort = protocol?.CTA_PROTO_NUM === IPPROTO.udp && protocol.CTA_PROTO_DST_PORT === port.hostPort;
      const destination = destinationOf(connection, family);
      if (!isPort || destination === undefined) return false;
      const isAny = port.hostIp === undefined || port.hostIp.value === 0n;
      return isAny ? isLocal(destination) : destination.value === port.hostIp.value;
    };
    deleteEach(socket, listConnections(socket, body).filter(isMeant));
  }
}

/** Version 1: a deletion by filter looks at the family only then. */
function headerOf(family: Family) {
  return { nfgen_family: family === 4 ? NFPROTO.IPV4 : NFPROTO.IPV6, version: 1 };
}

/** A tuple with these addresses; the kernel wants both, also where the filter does not look at them. */
function tupleOf(family: Family, { source = { family, value: 0n } }: { readonly source?: Address }) {
  const none = { family, value: 0n };
  return {
    CTA_TUPLE_IP:
      family === 4
        ? { CTA_IP_V4_SRC: source, CTA_IP_V4_DST: none }
        : { CTA_IP_V6_SRC: source, CTA_IP_V6_DST: none },
  };
}

/** The address that a connection's replies come from. */
function sourceOf({ CTA_TUPLE_REPLY: reply }: Connection, family: Family): Address | undefined {
  return family === 4 ? reply?.CTA_TUPLE_IP?.CTA_IP_V4_SRC : reply?.CTA_TUPLE_IP?.CTA_IP_V6_SRC;
}

function destinationOf({ CTA_TUPLE_ORIG: original }: Connection, family: Family): Address | undefined {
  return family === 4 ? original?.CTA_TUPLE_IP?.CTA_IP_V4_DST : original?.CTA_TUPLE_IP?.CTA_IP_V6_DST;
}

/**
 * Deletes what the filter in `body` matches, by one request where the kernel knows how: the filter of a deletion
 * is newer than that of a dump (Linux 5.8), which is newer than connection tracking.
 */
function flush(
  socket: NetfilterSocket,
  body: Connection,
  isMeant: (connection: Connection) => boolean,
): void {
  const [outcome] = socket.exchange([{ message: "IPCTNL_MSG_CT_DELETE", body }]);
  const refusal = outcome?.refusal;
  if (refusal === undefined) return;
  if (refusal.errno !== "ENOENT" && refusal.errno !== "EINVAL") throw new NetlinkError(refusal);
  deleteEach(socket, listConnections(socket, body).filter(isMeant));
}

function listConnections(socket: NetfilterSocket, body: Connection): Connection[] {
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
