/** What an attachment has in our nftables tables, from its record alone. */

import type { Address } from "../addr/address.ts";
import { networkOf, type Prefix } from "../addr/prefix.ts";
import { COMMENT_LIMIT, type Element } from "../nftables/element.ts";
import { bridgeElements, spoofCheckElements } from "../nftables/guards.ts";
import { hostPortElements, type Target, targetsOf } from "../nftables/host-ports.ts";
import { masqueradeChain, masqueradeElements } from "../nftables/masquerade.ts";
import type { Wanted } from "../nftables/ruleset.ts";
import { type Attachment, describeAttachment, hostIfnameOf } from "./attachment.ts";
import { ingressOfRecord } from "./ingress.ts";
import type { AttachmentRecord } from "./record/record.ts";

/** Comment of an attachment's elements; its names where they fit, as the host's interface has them in its ifalias. */
export function ownerOf(attachment: Attachment): string {
  const owner = describeAttachment(attachment);
  return owner.length <= COMMENT_LIMIT ? owner : hostIfnameOf(attachment);
}

/** Undefined where nothing was asked for, or the addresses are not known. */
export function wantedOf(record: AttachmentRecord): Wanted | undefined {
  const { hostIfname, ips, traffic } = record;
  if (traffic === undefined || ips === undefined) return undefined;
  const owner = ownerOf(record);
  const addresses = addressesOf(record);
  const { hostPorts, ingressPolicy, sender } = traffic;
  const masqueraded = masqueradeOf(record, ips, traffic.kept, owner);
  return {
    chain: masqueraded.chain,
    elements: [
      ...bridgeElements(ingressOfRecord(record).ifname, ingressPolicy),
      ...masqueraded.elements,
      ...(hostPorts === undefined ? [] : hostPortElements(hostPorts, addresses, owner)),
      ...(sender === undefined || hostIfname === undefined
        ? []
        : spoofCheckElements(hostIfname, sender, owner)),
    ],
  };
}

function masqueradeOf(
  record: AttachmentRecord,
  ips: readonly Prefix[],
  kept: readonly Prefix[] | undefined,
  owner: string,
): Wanted {
  if (kept === undefined || ips.length === 0) return { chain: undefined, elements: [] };
  const chain = masqueradeChain([...kept, ...ips.map(networkOf)]);
  return {
    chain,
    elements: masqueradeElements(ingressOfRecord(record).ifname, addressesOf(record), chain, owner),
  };
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
