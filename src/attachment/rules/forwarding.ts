/** Rules about a bridge, or a VLAN of it, in other programs' chains: there while it has pods, one process at a time. */

import { acceptForwarded, withdrawForwarded } from "../../firewall/accept-forwarded.ts";
import { listDirectory } from "../../linux/directory.ts";
import { exists, overwriteFile, removeFile } from "../../linux/file.ts";
import { takeLock } from "../../linux/lock.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import { RECORD_ROOT } from "../record/store.ts";
import type { Sockets } from "./add-elements.ts";
import { hasPods, type Ingress } from "./ingress.ts";

/** A file for each interface that has rules: no name of a network begins with a dot. */
const MARKERS = `${RECORD_ROOT}/.forward`;
const LOCK = `${MARKERS}/lock`;

/** True where the ingress has rules, or an ADD was killed before it made them. */
export function hasForwarding({ ifname }: Ingress): boolean {
  return exists(markerOf(ifname));
}

/** Names of all interfaces that have rules. */
export function listForwarding(): string[] {
  return listDirectory(MARKERS).filter((name) => `${MARKERS}/${name}` !== LOCK);
}

/** The pod's port is there already: so whoever withdraws at the same time sees it, or comes first. */
export function openForwardingOf(socket: NetfilterSocket, { ifname }: Ingress): void {
  withLock(() => {
    overwriteFile(markerOf(ifname), "");
    acceptForwarded(socket, ifname);
  });
}

/** The pod's port is gone already: the last one takes the rules along. */
export function withdrawForwardingOf({ netfilter, host }: Sockets, ingress: Ingress): void {
  withLock(() => {
    if (hasPods(host, ingress)) return;
    withdrawForwarded(netfilter, ingress.ifname);
    removeFile(markerOf(ingress.ifname));
  });
}

function markerOf(ifname: string): string {
  return `${MARKERS}/${ifname}`;
}

/** One process at a time looks at the bridge's ports and acts on it. */
function withLock(action: () => void): void {
  using _ = takeLock(LOCK);
  action();
}
