/** Whether a network can be on this node: its interfaces exist and can be taken, its addresses are nobody's. */

import { formatAddress } from "../../addr/address.ts";
import { isMark } from "../../attachment/attachment.ts";
import { uplinkBridgeOf, whyNoPort } from "../../attachment/kinds/uplink.ts";
import { listLocalAddresses } from "../../link/address.ts";
import { type Link, listLinks } from "../../link/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { uplinkUseOf } from "../../network/format/attach/kinds.ts";
import { describeRange, rangeHas } from "../../network/format/range.ts";
import { type Network, type OnUplink, type SriovAttach, uplinkOf } from "../../network/model.ts";
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
  if ("uplink" in attach) requireUplink(network, attach, node);
  else for (const pf of attach.pfs) requirePf(attach, pf, node);
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

function requireUplink({ mtu, vlan }: Network, attach: OnUplink, { socket }: NodeFacts): void {
  const links = listLinks(socket);
  const uplink = links.find(({ ifname }) => ifname === attach.uplink);
  if (uplink === undefined || !canBeUplink(uplink)) {
    const problem = uplink === undefined ? "this node has no such interface" : "is no interface to a network";
    throw refused(`--uplink ${attach.uplink}: ${problem}`, `it has: ${describeUplinks(links)}`);
  }
  if (uplinkUseOf(attach) === "port") requirePort(uplink, socket);
  else if (vlan === undefined) requireNoPort(uplink, links);
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
  names.sort((a, b) => a.localeCompare(b, "en", { numeric: true })); // eth2 before eth10
  return names.length === 0 ? "none" : names.join(", ");
}

function requirePort(uplink: Link, socket: RouteSocket): void {
  const problem = whyNoPort(socket, uplink, uplinkBridgeOf(uplink.ifname));
  if (problem === undefined) return;
  throw refused(
    `--uplink ${uplink.ifname}: ${problem}`,
    "use an interface without addresses and master, or --attach macvlan",
  );
}

/** The kernel gives the untagged frames of an interface to a bridge or to macvlan, not to both (EBUSY). */
function requireNoPort(uplink: Link, links: readonly Link[]): void {
  const master = links.find(({ ifindex }) => ifindex === uplink.master);
  if (master === undefined) return;
  throw refused(
    `--uplink ${uplink.ifname}: is a port of ${master.ifname}, which takes its untagged frames`,
    "use an interface without master, or give --vlan",
  );
}

/** The same before either network has pods. @throws {Failure} another network has the interface the other way */
export function requireShareable(network: Network, others: readonly Network[]): void {
  const { attach } = network;
  const uplink = uplinkOf(attach);
  if (uplink === undefined) return;
  const rival = others.find((other) => {
    if (uplinkOf(other.attach) !== uplink) return false;
    return other.attach.kind !== attach.kind && ![network, other].some(isBesideUntagged);
  });
  if (rival === undefined) return;
  throw refused(
    `--uplink ${uplink}: network "${rival.name}" has it for ${rival.attach.kind}: one way only goes without VLAN`,
    `use --attach ${rival.attach.kind}, or another interface`,
  );
}

/** Its pods are on an interface of their VLAN, and leave the untagged frames to others. */
function isBesideUntagged({ attach, vlan }: Network): boolean {
  return uplinkUseOf(attach) === "lower device" && vlan !== undefined;
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
