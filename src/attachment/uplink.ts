/** Interfaces of the node that pods of a network share: the bridge on one, the locks for changes to it, its end. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import { listAddresses } from "../link/address.ts";
import { BRIDGE_ALIAS } from "../link/bridge.ts";
import { deleteLink, getLink, type Link, listLinks, type RouteSocket } from "../link/link.ts";
import { removeVlanLink, vlanIfnameOf } from "../link/vlan.ts";
import { closeFile, makeFolder, OPEN, openFile, readTextFile, unlessErrno } from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import type { Network } from "../network/model.ts";
import { RECORD_ROOT } from "./record.ts";

const IFNAME_LENGTH = 15; // IFNAMSIZ - 1
const PREFIX = "pw-";
const LOCK_WAIT_MS = 10_000;

/** Name of the bridge on an interface: `pw-eth1`; where that is too long, with a hash in its place. */
export function uplinkBridgeOf(uplink: string): string {
  const name = `${PREFIX}${uplink}`;
  if (new TextEncoder().encode(name).length <= IFNAME_LENGTH) return name;
  return `${PREFIX}${Bun.hash.xxHash64(uplink).toString(16).padStart(16, "0")}`.slice(0, IFNAME_LENGTH);
}

/** @throws {CniError} 7: the node has no such interface */
export function requireUplink(ifname: string, link: Link | undefined): Link {
  if (link !== undefined) return link;
  const problem = `uplink "${ifname}" does not exist on this node`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    "plug it in or correct attach.uplink in the network's file; podwire network get NAME shows it",
  );
}

/** What would cut the node itself off if the interface became a bridge port; undefined: nothing. */
export function whyNoPort(host: RouteSocket, uplink: Link, bridge: string): string | undefined {
  const present = getLink(host, bridge);
  if (uplink.master !== 0 && uplink.master !== present?.ifindex) return "is a port of another bridge or bond";
  if (listAddresses(host, uplink.ifindex).some(({ isLinkLocal }) => !isLinkLocal))
    return "has addresses of the node's own, which would be cut off";
  return undefined;
}

/** Runs an action while no other process changes that interface. @throws {LockTimeout} */
export function withUplinkLock<T>(ifname: string, action: () => T): T {
  const path = `${RECORD_ROOT}/.uplink/${ifname}`;
  const open = () => openFile(path, OPEN.create | OPEN.readWrite);
  const fd = unlessErrno(open, -1, "ENOENT");
  const lock = fd >= 0 ? fd : openInNewFolder(open);
  try {
    lockDescriptor(lock, path, LOCK_WAIT_MS);
    return action();
  } finally {
    closeFile(lock);
  }
}

function openInNewFolder(open: () => number): number {
  makeFolder(`${RECORD_ROOT}/.uplink`, 0o700);
  return open();
}

/** Mbit/s as the driver tells it; undefined where it does not. @see Documentation/ABI/testing/sysfs-class-net */
export function speedOf(ifname: string): number | undefined {
  const text = unlessErrno(() => readTextFile(`/sys/class/net/${ifname}/speed`), "", "ENOENT", "EINVAL");
  const speed = Number(text);
  return speed > 0 ? speed : undefined;
}

/**
 * Removes the bridge or VLAN interface that only this network used; `others`: the networks that stay.
 * @returns what was removed
 */
export function releaseUplink(host: RouteSocket, network: Network, others: readonly Network[]): string[] {
  const { attach, vlan } = network;
  if (attach.kind === "sriov") return [];
  const sharing = others.filter(
    (other) => other.attach.kind === attach.kind && other.attach.uplink === attach.uplink,
  );
  if (attach.kind === "bridge")
    return sharing.length > 0 ? [] : withUplinkLock(attach.uplink, () => removeBridge(host, attach.uplink));
  if (vlan === undefined || sharing.some((other) => other.vlan === vlan)) return [];
  const ifname = vlanIfnameOf(attach.uplink, vlan);
  return removeVlanLink(host, ifname) ? [ifname] : [];
}

/** Only ours, and only where no pod is left on it. */
function removeBridge(host: RouteSocket, uplink: string): string[] {
  const ifname = uplinkBridgeOf(uplink);
  const bridge = getLink(host, ifname);
  if (bridge?.ifalias !== BRIDGE_ALIAS || bridge.kind !== "bridge") return [];
  const isUsed = listLinks(host).some((link) => link.master === bridge.ifindex && link.ifname !== uplink);
  if (isUsed) return [];
  deleteLink(host, bridge.ifindex);
  return [ifname];
}
