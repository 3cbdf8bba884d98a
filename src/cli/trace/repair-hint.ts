/** Hops of their own for what somebody took from our tables: the packet goes on, but not as its record wants it. */

import { type Address, sameAddress } from "../../addr/address.ts";
import type { Service } from "../../addr/service.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { wantedOf } from "../../attachment/ruleset.ts";
import { isBaseWhole } from "../../nftables/whole.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { type Hop, warns } from "./hop.ts";

const REPAIR = "podwire repair";

/** The chains that the pod's elements are looked up by are not whole: then its elements do nothing. */
export function judgeBase({ netfilter }: Facts, record: AttachmentRecord): Hop[] {
  const wanted = wantedOf(record);
  if (netfilter === undefined || wanted === undefined || isBaseWhole(netfilter, wanted)) return [];
  const text = `rules of podwire's tables that ${podNameOf(record)} needs are gone: its masquerade, host ports and policy do not work`;
  return [warns("node", text, REPAIR)];
}

/** A pod's record has the port of the node, and no element leads there. */
export function judgeLostHostPort({ living }: Facts, dst: Address, service: Service): Hop[] {
  const loser = living.find(({ traffic }) =>
    (traffic?.hostPorts?.mappings ?? []).some(
      ({ protocol, hostPort, hostIp }) =>
        protocol === service.protocol &&
        hostPort === service.port &&
        (hostIp === undefined || hostIp.value === 0n || sameAddress(hostIp, dst)),
    ),
  );
  if (loser === undefined) return [];
  const text = `port ${service.port}/${service.protocol} should lead to ${podNameOf(loser)}, and no element of table inet podwire says so`;
  return [warns("hostport", text, REPAIR)];
}

/** The pod's network is to be masqueraded, and no element says so. */
export function judgeLostMasquerade({ traffic }: AttachmentRecord): Hop[] {
  if (traffic?.kept === undefined) return [];
  return [
    warns(
      "masquerade",
      "it should get the node's address, and no element of table inet podwire says so",
      REPAIR,
    ),
  ];
}
