/** What to do for a pod that lacks a route: the default one that its network offers. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { prefixContains } from "../../addr/prefix.ts";
import { ingressOfRecord } from "../../attachment/ingress.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink } from "../../link/link.ts";
import type { Facts } from "./facts.ts";
import { inPod } from "./hop.ts";
import { ipOf } from "./route.ts";

export function routeAdvice(facts: Facts, record: AttachmentRecord, dst: Address): string {
  const gateway = gatewayFor(facts, record, dst);
  if (gateway === undefined)
    return "give its network a gateway, or routes in its ipam, and start the pod anew";
  const route = `${ipOf(dst)} route add default via ${formatAddress(gateway)} dev ${record.ifname}`;
  return inPod(record.netns, route);
}

/** The node's address in the pod's network. */
function gatewayFor(facts: Facts, record: AttachmentRecord, { family }: Address): Address | undefined {
  const entry = getLink(facts.host, ingressOfRecord(record).ifname);
  const own = record.ips?.find(({ address }) => address.family === family);
  if (entry === undefined || own === undefined) return undefined;
  return listAddresses(facts.host, entry.ifindex)
    .map(({ prefix }) => prefix.address)
    .find((address) => prefixContains(own, address));
}
