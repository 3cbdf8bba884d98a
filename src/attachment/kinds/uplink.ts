/** Interfaces of the node that pods of a network share: the name of the bridge on one, and the lock for changes to it. */

import { IFNAME_BYTES } from "../../addr/ifname.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink, type Link } from "../../link/link.ts";
import { ignoringErrno } from "../../linux/error.ts";
import { overwriteFile, readTextFileIfAny, removeFile } from "../../linux/file.ts";
import { fingerprintOf } from "../../linux/fingerprint.ts";
import { takeLock } from "../../linux/lock.ts";
import { ensureSysctl, readSysctl } from "../../linux/sysctl.ts";
import { IN6_ADDR_GEN_MODE_NONE } from "../../netlink/route/link.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { RECORD_ROOT } from "../record/store.ts";

const PREFIX = "pw-";

/** Name of the bridge on an interface: `pw-eth1`; where that is too long, with a hash in its place. */
export function uplinkBridgeOf(uplink: string): string {
  const name = `${PREFIX}${uplink}`;
  if (new TextEncoder().encode(name).length <= IFNAME_BYTES) return name;
  return `${PREFIX}${fingerprintOf(uplink)}`.slice(0, IFNAME_BYTES);
}

/** True for names that `uplinkBridgeOf` gives. */
export function isUplinkBridge(ifname: string): boolean {
  return ifname.startsWith(PREFIX);
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

/**
 * Passes where the interface is the bridge's port, or may become it.
 * @throws {CniError} 100: it has addresses of the node, or is somebody else's port
 */
export function requirePort(host: RouteSocket, uplink: Link, bridge: string): void {
  const reason = whyNoPort(host, uplink, bridge);
  if (reason === undefined) return;
  const problem = `uplink "${uplink.ifname}" ${reason}`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, FOR_PODS_ALONE);
}

export const FOR_PODS_ALONE = "want an interface for pods alone, or a network with --attach macvlan";

/** Runs an action while no other process changes the uplink of that bridge, or its VLANs. @throws {LockTimeout} */
export function withUplinkLock<T>(bridge: string, action: () => T): T {
  using _ = takeLock(`${RECORD_ROOT}/.uplink/${bridge}`);
  return action();
}

/**
 * Writes down how the kernel makes link-local addresses for an uplink, before that is changed for its bridge; nothing
 * where it makes none, as after an ADD that was killed. @see Documentation/networking/ip-sysctl.rst, addr_gen_mode
 */
export function keepAddressMode(bridge: string, uplink: string): void {
  const mode = readSysctl(addressModeOf(uplink));
  if (mode !== undefined && Number(mode) !== IN6_ADDR_GEN_MODE_NONE)
    overwriteFile(addressModeFile(bridge), mode);
}

/** As it was before, once the bridge is gone. */
export function restoreAddressMode(bridge: string, uplink: string): void {
  const file = addressModeFile(bridge);
  const mode = readTextFileIfAny(file);
  if (mode === undefined) return;
  ignoringErrno(() => ensureSysctl(addressModeOf(uplink), mode), false, "EINVAL"); // no secret for that mode by now
  removeFile(file);
}

function addressModeOf(uplink: string): string {
  return `net/ipv6/conf/${uplink}/addr_gen_mode`;
}

function addressModeFile(bridge: string): string {
  return `${RECORD_ROOT}/.uplink/${bridge}.addr_gen_mode`;
}
