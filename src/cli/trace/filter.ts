/** The hop through the packet filter, for what goes from one interface of the node to another. */

import { findPolicy } from "../../nftables/packet.ts";
import type { Facts } from "./facts.ts";
import { type Hop, stops } from "./hop.ts";
import type { Packet } from "./packet.ts";

export interface Forwarded {
  readonly iifname: string;
  readonly oifname: string;
  readonly packet: Packet;
}

/** Our own policy first, then other programs' chains. */
export function judgeFilter({ netfilter }: Facts, forwarded: Forwarded): Hop[] {
  if (netfilter === undefined) return [];
  const { iifname, oifname } = forwarded;
  return [...judgePolicy(findPolicy(netfilter, iifname, oifname), forwarded)];
}

/** What the bridges' ingressPolicy says. */
export function judgePolicy(
  policy: "isolated" | "guarded" | undefined,
  { iifname, oifname }: Forwarded,
): Hop[] {
  if (policy === undefined) return [];
  const advice = 'another "ingressPolicy" in the configuration of one of them, and start its pods anew';
  if (policy === "isolated") {
    const text = `pods of ${iifname} take nothing from each other (ingressPolicy "isolated", chain forward of table inet podwire)`;
    return [stops("policy", text, advice)];
  }
  const text = `${iifname} and ${oifname} take nothing from each other (ingressPolicy, chain forward of table inet podwire)`;
  return [stops("policy", text, advice)];
}
