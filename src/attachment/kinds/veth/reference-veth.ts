/** How to tell that an unmarked interface belongs to an attachment: for pods that the reference plugin started. */

import { isHeldBy } from "../../../ipam/owner.ts";
import { IpamStore } from "../../../ipam/store.ts";
import { listAddresses } from "../../../link/address.ts";
import type { Link } from "../../../link/link.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { RemovalContext } from "../../steps/step.ts";

/**
 * True where the container's interface has no mark of ours, yet is the one that this DEL is about: the previous
 * result names it with its MAC address, or it bears an address that is reserved for this container and interface.
 */
export function isReferencePluginVeth(link: Link, container: RouteSocket, removal: RemovalContext): boolean {
  if (link.ifalias !== "" || link.kind !== "veth" || removal.record !== undefined) return false;
  return isInPrevResult(link, removal) || hasReservedAddress(link, container, removal);
}

function isInPrevResult(link: Link, { configured, attachment }: RemovalContext): boolean {
  const interfaces = configured.prevResult?.interfaces ?? [];
  return interfaces.some(
    ({ name, mac, sandbox }) =>
      name === attachment.ifname && sandbox !== undefined && mac?.toLowerCase() === link.mac,
  );
}

function hasReservedAddress(link: Link, container: RouteSocket, removal: RemovalContext): boolean {
  const { addressing, attachment } = removal;
  if (addressing.kind !== "host-local") return false;
  using store = IpamStore.open(addressing.dataDir, addressing.network, removal.report);
  return listAddresses(container, link.ifindex).some(({ prefix }) => {
    const owner = store.ownerOf(prefix.address);
    return owner !== undefined && isHeldBy(owner, attachment);
  });
}
