/** A container's packets on ways between its interfaces: what has the address of one may leave by another. */

import type { Prefix } from "../../addr/prefix.ts";
import { networkOf } from "../../addr/prefix.ts";
import type { Crossing } from "../../nftables/features/masquerade.ts";
import { listRecordsOfContainer } from "../record/list.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { ingressOfRecord } from "./ingress.ts";

/** Those between an attachment and what its container has already, where they are masqueraded. */
export function crossingsOf(record: AttachmentRecord): Crossing[] {
  const { ifname } = ingressOfRecord(record);
  const siblings = listRecordsOfContainer(record.containerId).filter(
    (other) => isRouted(other) && ingressOfRecord(other).ifname !== ifname,
  );
  return siblings.flatMap((sibling) => [...leaving(sibling, record), ...leaving(record, sibling)]);
}

/** By the node's own stack. */
function isRouted({ kind }: AttachmentRecord): boolean {
  return kind === "bridge" || kind === "ptp";
}

/** What has an address of `sender` and comes to the node by the interface of `other`. */
function leaving({ traffic, ips = [] }: AttachmentRecord, other: AttachmentRecord): Crossing[] {
  const networks: readonly Prefix[] = [...ips, ...(other.ips ?? [])].map(networkOf);
  const { ifname } = ingressOfRecord(other);
  if (traffic?.kept === undefined) return [];
  const kept = [...traffic.kept, ...networks];
  return ips.map(({ address }) => ({ ifname, address, kept }));
}
