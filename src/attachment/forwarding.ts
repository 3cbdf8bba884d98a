/** The bridge's rules in other programs' chains: there while it has pods, one process at a time. */

import {
  closeFile,
  exists,
  listFolder,
  makeFolder,
  OPEN,
  openFile,
  overwriteFile,
  readTextFileIfAny,
  removeFile,
} from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import { acceptForwarded, withdrawForwarded } from "../nftables/forward.ts";
import type { NetfilterSocket } from "../nftables/ruleset.ts";
import { isMark } from "./attachment.ts";
import { RECORD_ROOT } from "./record.ts";

/** A file for each bridge that has rules: no name of a network begins with a dot. */
const MARKERS = `${RECORD_ROOT}/.forward`;
const LOCK = `${MARKERS}/lock`;
const LOCK_WAIT_MS = 10_000;

/** True where the bridge has rules, or an ADD was killed before it made them. */
export function hasForwarding(bridge: string): boolean {
  return exists(markerOf(bridge));
}

/** The pod's port is there already: so whoever withdraws at the same time sees it, or comes first. */
export function openForwardingOf(socket: NetfilterSocket, bridge: string): void {
  withLock(() => {
    overwriteFile(markerOf(bridge), "");
    acceptForwarded(socket, bridge);
  });
}

/** The pod's port is gone already: the last one takes the rules along. */
export function withdrawForwardingOf(socket: NetfilterSocket, bridge: string): void {
  withLock(() => {
    if (hasPods(bridge)) return;
    withdrawForwarded(socket, bridge);
    removeFile(markerOf(bridge));
  });
}

function markerOf(bridge: string): string {
  return `${MARKERS}/${bridge}`;
}

/** True where a port of the bridge bears a mark of ours; uplinks and others' ports do not. */
function hasPods(bridge: string): boolean {
  const aliasOf = (port: string) => readTextFileIfAny(`/sys/class/net/${port}/ifalias`) ?? "";
  return listFolder(`/sys/class/net/${bridge}/brif`).some((port) => isMark(aliasOf(port)));
}

/** One process at a time looks at the bridge's ports and acts on it. */
function withLock(action: () => void): void {
  makeFolder(MARKERS, 0o700);
  const fd = openFile(LOCK, OPEN.readWrite | OPEN.create);
  try {
    lockDescriptor(fd, LOCK, LOCK_WAIT_MS);
    action();
  } finally {
    closeFile(fd);
  }
}
