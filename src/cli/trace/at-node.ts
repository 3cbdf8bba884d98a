/** The part of a way within the node: host ports, the routing decision, the packet filter, masquerade. */

import type { Address } from "../../addr/address.ts";
import { type Prefix, prefixContains } from "../../addr/prefix.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listAddresses } from "../../link/address.ts";
import type { Link } from "../../link/link.ts";
import { type FoundRoute, isRefusal, lookUpRoute } from "../../link/route-lookup.ts";
import { RTN } from "../../netlink/route/route.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import { findMasquerade, findTranslation } from "../../nftables/explain.ts";
import type { Facts } from "./facts.ts";
import { judgeForward, judgeTaking, judgeTranslations } from "./filter.ts";
import { fromNode } from "./from-node.ts";
import { type Hop, type Leg, passes, stops } from "./hop.ts";
import { judgeInput, readInput } from "./input.ts";
import { judgeListener, readListener } from "./listener.ts";
import { judgeMasquerade, masqueradeAddress } from "./masquerade.ts";
import { describeDestination, type Packet } from "./packet.ts";
import { judgeBase, judgeLostHostPort, judgeLostMasquerade } from "./repair-hint.ts";
import { isLinkLocal } from "./route.ts";
import { judgeWayBack, type WayBack } from "./way-back.ts";

interface Entered {
  readonly packet: Packet;
  /** The pod that sends it. */
  readonly record: AttachmentRecord;
  /** The interface that it came in by. */
  readonly entrance: Link;
  /** Whom the pod handed it to. */
  readonly nextHop: Address;
}

export function atNode(facts: Facts, entered: Entered): Leg {
  const { packet, hops: translated } = translate(facts, entered.packet);
  const input = readInput(facts, packet, entered.entrance);
  const { answer } = input;
  const { entrance: iif } = entered;
  const others = packet.isTranslated ? [] : judgeTranslations(facts, { packet, iif });
  if (others.some(({ isSure }) => isSure)) return { hops: others.map(({ hop }) => hop), end: "unknown" };
  const hops = [
    ...judgeBase(facts, entered.record),
    ...translated,
    ...others.map(({ hop }) => hop),
    judgeInput(input),
  ];
  if (isRefusal(answer)) return { hops };
  const wayBack = { ...input, lost: lostGateway(facts, entered) };
  if (answer.type === RTN.UNICAST) {
    const lost = isLinkLocal(packet.src)
      ? []
      : [judgeWayBack(wayBack)].filter(({ level }) => level === "fault");
    return { hops: [...hops, ...lost], next: () => forward(facts, { ...entered, packet }, answer) };
  }
  const taken = judgeTaking(facts, { packet, iif });
  const listens = judgeListener("the node", packet.service, readListener(packet.service, undefined));
  return { hops: [...hops, ...taken, ...listens], next: () => deliver(wayBack) };
}

/** A port of the node that leads to a pod. */
function translate(facts: Facts, packet: Packet): { packet: Packet; hops: Hop[] } {
  const { host, netfilter } = facts;
  const { dst, service } = packet;
  const answer = lookUpRoute(host, { dst });
  const isHere = !isRefusal(answer) && answer.type === RTN.LOCAL;
  const found =
    isHere && service !== undefined && netfilter !== undefined
      ? findTranslation(netfilter, dst, service)
      : undefined;
  if (service === undefined) return { packet, hops: [] };
  if (found === undefined) return { packet, hops: isHere ? judgeLostHostPort(facts, dst, service) : [] };
  const meant = { ...packet, dst: found.pod, service: { ...service, port: found.port }, isTranslated: true };
  const text = `${describeDestination(packet)} becomes ${describeDestination(meant)}, by ${describeElement(found.element)}`;
  return { packet: meant, hops: [passes("hostport", text)] };
}

/** The packet is for the node: what is left is its answer's way. */
function deliver(wayBack: WayBack): Leg {
  return { hops: isLinkLocal(wayBack.src) ? [] : [judgeWayBack(wayBack)], end: "arrives" };
}

/** The pod's next hop, where it should be an address of the node's in the pod's network, and is not. */
function lostGateway({ host }: Facts, { record, nextHop }: Entered): Prefix | undefined {
  const own = record.ips?.find((prefix) => prefixContains(prefix, nextHop));
  const answer = lookUpRoute(host, { dst: nextHop });
  if (own === undefined || (!isRefusal(answer) && answer.type === RTN.LOCAL)) return undefined;
  return { address: nextHop, prefixLength: own.prefixLength };
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
    ...(masquerade?.kind === "none" ? judgeLostMasquerade(record) : []),
  ];
  const isMasqueraded = masquerade?.kind === "masqueraded" && address !== undefined;
  const leaving = isMasqueraded ? { ...packet, src: address } : packet;
  const mtu = route.mtu ?? link.mtu;
  return { hops, next: () => fromNode(facts, { packet: leaving, record, link, nextHop, mtu }) };
}
