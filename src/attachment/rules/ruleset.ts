/** What an attachment has in our nftables tables, from its record alone. */

import type { Address } from "../../addr/address.ts";
import { COMMENT_LIMIT } from "../../netlink/netfilter/userdata.ts";
import type { Element } from "../../nftables/elements/element.ts";
import type { Target } from "../../nftables/features/host-port.ts";
import { targetsOf } from "../../nftables/features/host-port.ts";
import type { Wanted } from "../../nftables/wanted.ts";
import { wantedBy } from "../../nftables/wanted.ts";
import { type Attachment, describeAttachment, hostIfnameOf } from "../attachment.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { ingressOfRecord } from "./ingress.ts";

/** Comment of an attachment's elements; its names where they fit, as the host's interface has them in its ifalias. */
export function ownerOf(attachment: Attachment): string {
  const owner = describeAttachment(attachment);
  return owner.length <= COMMENT_LIMIT ? owner : hostIfnameOf(attachment);
}

/** Undefined where nothing was asked for, or the addresses are not known. */
export function wantedOf(record: AttachmentRecord): Wanted | undefined {
  const { hostIfname, ips, traffic } = record;
  if (traffic === undefined || ips === undefined) return undefined;
  const { kept, ...options } = traffic;
  return wantedBy({
    owner: ownerOf(record),
    ...(hostIfname === undefined ? {} : { hostIfname }),
    bridge: ingressOfRecord(record).ifname,
    ips,
    ...(kept === undefined ? {} : { nonMasqueraded: kept }),
    ...options,
  });
}

/** The pod's addresses, as far as they are known. */
export function addressesOf({ ips = [] }: AttachmentRecord): Address[] {
  return ips.map((prefix) => prefix.address);
}

/** Those of the elements that go with the attachment. */
export function ownedOf(wanted: Wanted): Element[] {
  return wanted.elements.filter((element) => element.owner !== "");
}

/** The pod's host ports by family. */
export function hostPortTargets(record: AttachmentRecord): Target[] {
  return targetsOf(record.traffic?.hostPorts?.mappings ?? [], addressesOf(record));
}

/** Connections from 127.0.0.1 leave the node only where the way to the pod may route that address. */
export function needsLocalnet(record: AttachmentRecord): boolean {
  const isSnat = record.traffic?.hostPorts?.snat === true;
  return isSnat && hostPortTargets(record).some(({ pod }) => pod.family === 4);
}

export function localnetKey(ifname: string): string {
  return `net/ipv4/conf/${ifname}/route_localnet`;
}
