/** The part of a way within the node: host ports, the routing decision, the packet filter, masquerade. */

import { type Address, formatAddress, isLinkLocal } from "../../addr/address.ts";
import { formatPrefix, type Prefix, prefixContains } from "../../addr/prefix.ts";
import type { Service } from "../../addr/service.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listAddresses } from "../../link/address.ts";
import { forwardingKey } from "../../link/forwarding.ts";
import type { Link } from "../../link/link.ts";
import {
  type FoundRoute,
  findStoppingRoute,
  isRefusal,
  lookUpRoute,
  type RouteAnswer,
  type StoppingRoute,
} from "../../link/route-lookup.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import { RTN } from "../../netlink/route/route.ts";
import { describeElement } from "../../nftables/elements/describe.ts";
import { findExclusion, findMasquerade, findTranslation } from "../../nftables/explain.ts";
import type { Facts } from "./facts.ts";
import { judgeForward, judgeTaking, judgeTranslations } from "./filter.ts";
import { fromNode } from "./from-node.ts";
import { describeDestination, type Hop, type Leg, type Packet, passes, stops } from "./hop.ts";
import { judgeListener, readListener } from "./into-pod.ts";
import { nameOtherNode } from "./other-node.ts";
import { describeRoute, hostPrefix, ipOf, judgeRefusal, judgeWayBack, type WayBack } from "./route.ts";
import {
  judgeBase,
  judgeLostHostPort,
  judgeLostMasquerade,
  judgeMasquerade,
  masqueradeAddress,
} from "./rules.ts";

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
  if (found === undefined) return { packet, hops: isHere ? judgeUntranslated(facts, packet, service) : [] };
  const meant = { ...packet, dst: found.pod, service: { ...service, port: found.port }, isTranslated: true };
  const text = `${describeDestination(packet)} becomes ${describeDestination(meant)}, by ${describeElement(found.element)}`;
  return { packet: meant, hops: [passes("hostport", text)] };
}

/** A host port that is not translated: excluded by hostPortExclude, or its element is missing. */
function judgeUntranslated(facts: Facts, packet: Packet, service: Service): Hop[] {
  const { dst } = packet;
  const excluding = facts.netfilter && findExclusion(facts.netfilter, dst, service);
  if (excluding === undefined) return judgeLostHostPort(facts, dst, service);
  const text = `${describeDestination(packet)} stays the node's (hostPortExclude), by ${describeElement(excluding)}`;
  return [passes("hostport", text)];
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
  return record.bridge === undefined
    ? hostPrefix(nextHop)
    : { address: nextHop, prefixLength: own.prefixLength };
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
    ...nameOtherNode(packet.dst, link.ifname),
    ...judgeForward(facts, { iif: entrance, oif: link, packet }),
    ...(masquerade === undefined ? [] : [judgeMasquerade(masquerade, packet.src, address)]),
    ...(masquerade?.kind === "none" ? judgeLostMasquerade(record) : []),
  ];
  const isMasqueraded = masquerade?.kind === "masqueraded" && address !== undefined;
  const leaving = isMasqueraded ? { ...packet, src: address } : packet;
  const mtu = route.mtu ?? link.mtu;
  return { hops, next: () => fromNode(facts, { packet: leaving, record, link, nextHop, mtu }) };
}

export interface Input {
  readonly src: Address;
  readonly dst: Address;
  /** The interface that the packet comes in by. */
  readonly ifname: string;
  readonly answer: RouteAnswer;
  /** Name of the interface in the answer; empty for a refusal. */
  readonly oifname: string;
  /** Whether what comes in there may go on. */
  readonly isForwarding: boolean;
  /** How the node itself would send to the destination: what refuses that as well is no matter of the sender's. */
  readonly plain: RouteAnswer;
  /** How the node itself would answer the sender, and by which interface. */
  readonly back: RouteAnswer;
  readonly backIfname: string;
  readonly stopping: StoppingRoute | undefined;
}

export function readInput(facts: Facts, { src, dst }: { src: Address; dst: Address }, entrance: Link): Input {
  const { host } = facts;
  const answer = lookUpRoute(host, { dst, src, iif: entrance.ifindex });
  const back = lookUpRoute(host, { dst: src });
  const { ifname } = entrance;
  const key = dst.family === 4 ? `net/ipv4/conf/${ifname}/forwarding` : forwardingKey(6);
  return {
    src,
    dst,
    ifname,
    answer,
    oifname: nameIn(facts, answer),
    isForwarding: readSysctl(key) !== "0",
    plain: lookUpRoute(host, { dst }),
    back,
    backIfname: nameIn(facts, back),
    stopping: isRefusal(answer) ? findStoppingRoute(host, dst) : undefined,
  };
}

function nameIn(facts: Facts, answer: RouteAnswer): string {
  return isRefusal(answer) ? "" : (facts.link(answer.ifindex)?.ifname ?? "");
}

export function judgeInput(input: Input): Hop {
  const { src, dst, ifname, answer, oifname, isForwarding } = input;
  if (isRefusal(answer)) return judgeInputRefusal(input, answer.errno);
  const text = formatAddress(dst);
  if (answer.type === RTN.LOCAL) return passes("node", `${text} is the node itself`);
  if (answer.type !== RTN.UNICAST)
    return passes("node", `${text} is for many: the node takes it and sends it no further`);
  if (!isForwarding) return forwardsNot(ifname, dst);
  if (isLinkLocal(src) && oifname !== ifname)
    return stops(
      "node",
      `${formatAddress(src)} holds on its link alone: the node does not forward it`,
      GIVE_ADDRESS,
    );
  return passes("node", `${text} is reached ${describeRoute(answer, oifname)}, and the node forwards`);
}

const GIVE_ADDRESS = "give the pod its address back: podwire trace warns of it at the first hop";

function forwardsNot(ifname: string, { family }: Address): Hop {
  const key = forwardingKey(family).replaceAll("/", ".");
  return stops(
    "node",
    `the node does not forward IPv${family} packets that come in by ${ifname}`,
    `sysctl -w ${key}=1`,
  );
}

function judgeInputRefusal(input: Input, errno: string): Hop {
  const { src, dst, ifname, isForwarding, plain, back, backIfname, stopping } = input;
  if (isRefusal(plain)) {
    const advice = `${ipOf(dst)} route add default via GATEWAY dev INTERFACE, or a route to its network`;
    const refused = { name: "the node", dst, stopping, advice, command: (text: string) => text };
    return judgeRefusal(plain, refused, "node");
  }
  if (!isRefusal(back) && back.type === RTN.LOCAL) {
    const text = `${formatAddress(src)} is an address of the node too: it takes no packets from it`;
    const advice = `ip address del ${formatAddress(src)} dev ${backIfname}, or give the pod another address`;
    return stops("node", text, advice);
  }
  if (errno === "EHOSTUNREACH" && !isForwarding) return forwardsNot(ifname, dst);
  if (errno === "EXDEV" || errno === "EINVAL") return wrongWay(input);
  const text = `a rule of the node keeps what comes in by ${ifname} from ${formatAddress(dst)} (${errno})`;
  return stops("node", text, `${ipOf(dst)} rule show`);
}

/** The reverse path filter (RFC 3704): a sender has to be where its answers would go. */
function wrongWay({ src, ifname, back, backIfname }: Input): Hop {
  const text = formatAddress(src);
  const answer = isRefusal(back)
    ? `the node has no route to ${text}`
    : `the node reaches ${text} ${describeRoute(back, backIfname)}`;
  return stops(
    "node",
    `the reverse path filter drops it: it comes in by ${ifname}, and ${answer}`,
    `${ipOf(src)} route replace ${formatPrefix(hostPrefix(src))} dev ${ifname}`,
  );
}
