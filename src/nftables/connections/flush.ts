/** Connections that the kernel still tracks although what they lead to has changed. */

import { type Address, sameAddress } from "../../addr/address.ts";
import { isSinglePrefix, type Prefix, prefixContains, singlePrefix } from "../../addr/prefix.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { type Connection, CTA_FILTER_FLAG } from "../../netlink/netfilter/conntrack.ts";
import { NFPROTO } from "../../netlink/netfilter/header.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import type { HostPort, Target } from "../features/host-port.ts";
import { isForAny } from "../features/host-port.ts";
import { isLeftAlone } from "../features/left-alone.ts";
import { answererOf, destinationOf, toPort } from "./connection.ts";
import { deleteMatching } from "./delete-by-dump.ts";

/** Forgets the connections through host ports that a pod answered which is gone. */
export function flushAnswered(socket: NetfilterSocket, targets: readonly Target[]): void {
  const isAnswered = (connection: Connection, { pod }: Target) => isSame(answererOf(connection), pod);
  const filters = distinctValues(targets.map(({ pod }) => pod)).flatMap((pod) => answeredBy(pod) ?? []);
  flush(socket, targets, filters, isAnswered);
}

/** Which addresses are the node's, and which of them no port without an address of its own takes. */
export interface LocalDestinations {
  /** What `fib daddr type local` in our rules is true for. */
  readonly own: () => readonly Prefix[];
  readonly except: readonly Prefix[];
}

/**
 * Forgets UDP "connections" to a host port that was given to a pod: they would go on to where they went before. Those to
 * other hosts' ports of the same number stay.
 */
export function flushUdp(
  socket: NetfilterSocket,
  targets: readonly Target[],
  { own, except }: LocalDestinations,
): void {
  const udp = targets.filter(({ port }) => port.protocol === "udp");
  if (udp.length === 0) return;
  const taken = own().filter((prefix) => !isLeftAlone(prefix, except));
  const destinations = ({ port, pod }: Target) =>
    port.hostIp === undefined || port.hostIp.value === 0n
      ? taken.filter(({ address }) => address.family === pod.family)
      : [singlePrefix(port.hostIp)];
  const filters = udp.flatMap((target) =>
    destinations(target).flatMap((prefix) => madeTo(prefix, target.port) ?? []),
  );
  const isMeant = (connection: Connection, target: Target) => {
    const address = destinationOf(connection);
    if (address === undefined || (isForAny(target) && isLeftAlone(singlePrefix(address), except)))
      return false;
    return destinations(target).some((prefix) => prefixContains(prefix, address));
  };
  flush(socket, udp, filters, isMeant);
  const wide = udp.filter((target) => !destinations(target).every(isSinglePrefix));
  deleteMatching(socket, wide, isMeant);
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

/** Undefined for what only a dump can tell: IPv6, and whole networks. */
function madeTo(prefix: Prefix, { protocol, hostPort }: HostPort): Connection | undefined {
  const { address } = prefix;
  if (address.family !== 4 || !isSinglePrefix(prefix)) return undefined;
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
