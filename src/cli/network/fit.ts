/** Whether a network can be on this node: its interfaces exist and can be taken, its addresses are nobody's. */

import { formatAddress } from "../../addr/address.ts";
import { parsePrefix, prefixContains } from "../../addr/prefix.ts";
import { isMark } from "../../attachment/attachment.ts";
import { listAddresses, listLocalAddresses } from "../../link/address.ts";
import { type Link, listLinks, type RouteSocket } from "../../link/link.ts";
import type { BridgeAttach, MacvlanAttach, Network, SriovAttach } from "../../network/model.ts";
import { describeRange, rangeHas } from "../../network/range.ts";
import type { Pf } from "../../sriov/sysfs.ts";
import { refused } from "../failure.ts";

/** What a network is held against. */
export interface NodeFacts {
  readonly socket: RouteSocket;
  readonly pfs: readonly Pf[];
}

/** @throws {Failure} the node has not got what the network needs, or needs it itself */
export function requireFit(network: Network, node: NodeFacts): void {
  const { attach } = network;
  if (attach.kind === "sriov") for (const pf of attach.pfs) requirePf(attach, pf, node);
  else requireUplink(network, attach, node);
  requireNotOwn(network, node.socket);
}

function requirePf({ vfs = [] }: SriovAttach, ifname: string, { pfs }: NodeFacts): void {
  const pf = pfs.find((candidate) => candidate.ifname === ifname);
  if (pf === undefined)
    throw refused(`--pf ${ifname}: this node has no such physical function`, describePfs(pfs));
  const last = vfs.at(-1)?.last ?? 0;
  if (last >= pf.totalVfs) {
    throw refused(
      `--vfs: VF ${last} is too many: ${ifname} can have ${pf.totalVfs}, 0 to ${pf.totalVfs - 1}`,
    );
  }
}

export function describePfs(pfs: readonly Pf[]): string {
  if (pfs.length === 0) return "it has none at all: use --attach bridge or --attach macvlan with --uplink";
  return `it has: ${pfs.map(({ ifname, numVfs, totalVfs }) => `${ifname} (${numVfs} of ${totalVfs} VFs)`).join(", ")}`;
}

function requireUplink({ mtu }: Network, attach: BridgeAttach | MacvlanAttach, { socket }: NodeFacts): void {
  const links = listLinks(socket);
  const uplink = links.find(({ ifname }) => ifname === attach.uplink);
  if (uplink === undefined || !canBeUplink(uplink)) {
    const problem = uplink === undefined ? "this node has no such interface" : "is no interface to a network";
    throw refused(`--uplink ${attach.uplink}: ${problem}`, `it has: ${describeUplinks(links)}`);
  }
  const master = links.find(({ ifindex }) => ifindex === uplink.master);
  if (uplink.master !== 0 && !(attach.kind === "bridge" && isMark(master?.ifalias ?? ""))) {
    const problem = `--uplink ${uplink.ifname}: is a port of ${master?.ifname ?? "another interface"} already`;
    throw refused(problem, "take it out with: ip link set dev IFNAME nomaster; or use another interface");
  }
  if (attach.kind === "bridge") requireNoAddresses(uplink, socket);
  if (mtu !== undefined && mtu > uplink.mtu) {
    throw refused(
      `--mtu ${mtu}: ${uplink.ifname} carries ${uplink.mtu} bytes only`,
      `ip link set dev ${uplink.ifname} mtu ${mtu}`,
    );
  }
}

const LOOPBACK = 1; // ifindex in every network namespace

function canBeUplink({ ifindex, ifalias }: Link): boolean {
  return ifindex !== LOOPBACK && !isMark(ifalias);
}

function describeUplinks(links: readonly Link[]): string {
  const names = links.filter(canBeUplink).map(({ ifname }) => ifname);
  return names.length === 0 ? "none" : names.join(", ");
}

/** A port of a bridge is deaf to what is sent to the node itself. */
function requireNoAddresses(uplink: Link, socket: RouteSocket): void {
  const linkLocal = parsePrefix("fe80::/10");
  const own = listAddresses(socket, uplink.ifindex)
    .map(({ prefix }) => prefix.address)
    .find((address) => linkLocal === undefined || !prefixContains(linkLocal, address));
  if (own === undefined) return;
  throw refused(
    `--uplink ${uplink.ifname}: has ${formatAddress(own)}, the node's own address, which would be cut off in a bridge`,
    "use --attach macvlan, or an interface without addresses",
  );
}

/** @throws {Failure} a range has an address of the node in it */
export function requireNotOwn(network: Network, socket: RouteSocket): void {
  const own = listLocalAddresses(socket);
  for (const range of network.ranges) {
    const address = own.find((candidate) => rangeHas(range, candidate));
    if (address === undefined) continue;
    throw refused(
      `network "${network.name}": range ${describeRange(range)} has ${formatAddress(address)} in it, an address of this node`,
      "choose --start and --end so that it is outside",
    );
  }
}
