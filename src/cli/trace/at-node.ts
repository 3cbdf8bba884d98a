/** The part of a way within the node: host ports, the routing decision, the packet filter, masquerade. */

import { formatAddress } from "../../addr/address.ts";
import type { AttachmentRecord } from "../../attachment/record.ts";
import { listAddresses } from "../../link/address.ts";
import type { Link } from "../../link/link.ts";
import { type FoundRoute, isRefusal, lookUpRoute } from "../../link/route-lookup.ts";
import { RTN } from "../../netlink/route/lookup.ts";
import { describeElement } from "../../nftables/describe.ts";
import { findMasquerade, findTranslation } from "../../nftables/packet.ts";
import type { Facts } from "./facts.ts";
import { judgeForward, judgeTaking, judgeTranslations } from "./filter.ts";
import { fromNode } from "./from-node.ts";
import { type Hop, type Leg, passes, stops } from "./hop.ts";
import { type Input, judgeInput, readInput } from "./input.ts";
import { judgeMasquerade, masqueradeAddress } from "./masquerade.ts";
import { describeDestination, type Packet } from "./packet.ts";
import { describeRoute } from "./route.ts";

export interface Entered {
  readonly packet: Packet;
  /** The pod that sends it. */
  readonly record: AttachmentRecord;
  /** The interface that it came in by. */
  readonly entrance: Link;
}

export function atNode(facts: Facts, entered: Entered): Leg {
  const { packet, hops: translated } = translate(facts, entered.packet);
  const input = readInput(facts, packet, entered.entrance);
  const { answer } = input;
  const { entrance: iif } = entered;
  const others = packet.isTranslated ? [] : judgeTranslations(facts, { packet, iif });
  const hops = [...translated, ...others, judgeInput(input)];
  if (isRefusal(answer)) return { hops };
  if (answer.type === RTN.UNICAST)
    return { hops, next: () => forward(facts, { ...entered, packet }, answer) };
  const taken = judgeTaking(facts, { packet, iif });
  return { hops: [...hops, ...taken], next: () => deliver(input) };
}

/** A port of the node that leads to a pod. */
function translate({ host, netfilter }: Facts, packet: Packet): { packet: Packet; hops: Hop[] } {
  const { dst, service } = packet;
  const answer = lookUpRoute(host, { dst });
  const isHere = !isRefusal(answer) && answer.type === RTN.LOCAL;
  const found =
    isHere && service !== undefined && netfilter !== undefined
      ? findTranslation(netfilter, dst, service)
      : undefined;
  if (found === undefined || service === undefined) return { packet, hops: [] };
  const meant = { ...packet, dst: found.pod, service: { ...service, port: found.port }, isTranslated: true };
  const text = `${describeDestination(packet)} becomes ${describeDestination(meant)}, by ${describeElement(found.element)}`;
  return { packet: meant, hops: [passes("hostport", text)] };
}

/** The packet is for the node: what is left is its answer's way. */
function deliver({ src, ifname, back, backIfname }: Input): Leg {
  const text = formatAddress(src);
  if (isRefusal(back))
    return {
      hops: [stops("reply", `the node has no route back to ${text}`, `ip route add ${text} dev ${ifname}`)],
    };
  return {
    hops: [passes("reply", `the node answers ${text} ${describeRoute(back, backIfname)}`)],
    end: "arrives",
  };
}

function forward(facts: Facts, { packet, record, entrance }: Entered, route: FoundRoute): Leg {
  const link = facts.link(route.ifindex);
  if (link === undefined)
    return { hops: [stops("node", "the interface that it should leave by is gone", "ip route show")] };
  const nextHop = route.gateway ?? packet.dst;
  const names = { iifname: entrance.ifname, oifname: link.ifname };
  const masquerade = facts.netfilter && findMasquerade(facts.netfilter, { ...names, ...packet });
  const address = masqueradeAddress(listAddresses(facts.host, link.ifindex), nextHop);
  const hops = [
    ...judgeForward(facts, { iif: entrance, oif: link, packet }),
    ...(masquerade === undefined ? [] : [judgeMasquerade(masquerade, packet.src, address)]),
  ];
  const isMasqueraded = masquerade?.kind === "masqueraded" && address !== undefined;
  const leaving = isMasqueraded ? { ...packet, src: address } : packet;
  const mtu = route.mtu ?? link.mtu;
  return { hops, next: () => fromNode(facts, { packet: leaving, record, link, nextHop, mtu }) };
}
