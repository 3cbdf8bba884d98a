/** The beginning of a way: in the pod, as far as its own interface, which has to be up and to have an address. */

import { type Address, type Family, formatAddress } from "../../addr/address.ts";
import { formatPrefix, type Prefix } from "../../addr/prefix.ts";
import type { Service } from "../../addr/service.ts";
import { isNetnsGone } from "../../attachment/leftovers/liveness.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/rules/ruleset.ts";
import { type InterfaceAddress, listAddresses } from "../../link/address.ts";
import { getLink, getLinkByIndex, type Link } from "../../link/link.ts";
import { getNeighbour, type Neighbour } from "../../link/neighbour.ts";
import {
  type FoundRoute,
  findStoppingRoute,
  isRefusal,
  lookUpRoute,
  type RouteRefusal,
} from "../../link/route-lookup.ts";
import { RTN } from "../../netlink/route/route.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { type Hop, inPod, type Leg, type Packet, passes, stops, warns } from "./hop.ts";
import { judgeNeighbour, judgeRefusal, judgeRoute, routeAdvice } from "./route.ts";

export interface Question {
  readonly facts: Facts;
  /** The pod's interfaces, the runtime's first. */
  readonly records: readonly [AttachmentRecord, ...AttachmentRecord[]];
  /** Of these the packet has to leave by the first. */
  readonly isForced: boolean;
  readonly dst: Address;
  readonly service: Service | undefined;
}

/** A packet at the pod's interface, with what the pod knows of where to send it. */
export interface Sent {
  readonly record: AttachmentRecord;
  readonly packet: Packet;
  /** The pod's interface. */
  readonly link: Link;
  readonly nextHop: Address;
  readonly neighbour: Neighbour | undefined;
  /** It is for many: multicast or broadcast. */
  readonly isForMany: boolean;
}

/** `onwards`: from the pod's interface on. */
export function leavePod(question: Question, onwards: (sent: Sent) => Leg): Leg {
  const { facts, records, isForced, dst } = question;
  const [first] = records;
  if (isNetnsGone(first)) return { hops: [hasGone(first)] };
  const { socket } = facts.pod(first);
  const oif = isForced ? getLink(socket, first.ifname)?.ifindex : undefined;
  const answer = isForced && oif === undefined ? NO_WAY : lookUpRoute(socket, { dst, oif });
  if (isRefusal(answer)) return { hops: refusedHops(question, answer) };
  if (answer.type === RTN.LOCAL) return toItself(question);
  return sendBy(question, answer, onwards);
}

const NO_WAY: RouteRefusal = { errno: "ENETUNREACH" };

function hasGone(record: AttachmentRecord): Hop {
  const text = `the network namespace of ${podNameOf(record)}, ${record.netns}, is gone`;
  return stops("pod", text, "podwire gc");
}

function readInterface(facts: Facts, record: AttachmentRecord): PodInterface {
  const { socket } = facts.pod(record);
  const { ifname, netns, ips: given = [] } = record;
  const link = getLink(socket, ifname);
  const addresses = link === undefined ? [] : listAddresses(socket, link.ifindex);
  return { name: podNameOf(record), ifname, netns, link, addresses, given };
}

/** An interface that is not as it should be explains the lack of a route. */
function refusedHops({ facts, records, isForced, dst }: Question, answer: RouteRefusal): Hop[] {
  const [first] = records;
  const meant = isForced ? [first] : records;
  const interfaces = meant.map((record) => judgeInterface(readInterface(facts, record), dst.family));
  const [fault] = interfaces.filter(({ level }) => level === "fault");
  if (fault !== undefined) return [fault];
  const { socket } = facts.pod(first);
  return [
    ...interfaces,
    judgeRefusal(answer, {
      name: podNameOf(first),
      dst,
      stopping: findStoppingRoute(socket, dst),
      advice: routeAdvice(facts, first, dst),
      command: (text) => inPod(first.netns, text),
    }),
  ];
}

function toItself({ facts, records, dst }: Question): Leg {
  const [first] = records;
  const { socket } = facts.pod(first);
  const name = podNameOf(first);
  if (getLink(socket, "lo")?.isUp === true)
    return {
      hops: [passes("route", `${formatAddress(dst)} is ${name} itself: it does not leave the pod`)],
      end: "arrives",
    };
  const text = `${formatAddress(dst)} is ${name} itself, whose interface lo is down`;
  return { hops: [stops("pod", text, inPod(first.netns, "ip link set dev lo up"))] };
}

function sendBy(question: Question, route: FoundRoute, onwards: (sent: Sent) => Leg): Leg {
  const { facts, records, dst, service } = question;
  const [first] = records;
  const { socket } = facts.pod(first);
  const link = getLinkByIndex(socket, route.ifindex);
  const record = records.find(({ ifname }) => ifname === link.ifname);
  const wayOut = judgeRoute(route, { dst, ifname: link.ifname });
  if (record === undefined) {
    const text = `${link.ifname} of ${podNameOf(first)} is not an interface of podwire's`;
    return { hops: [wayOut, warns("pod", text)], end: "unknown" };
  }
  const pod = judgeInterface(readInterface(facts, record), dst.family);
  const src = sourceOf(route, record, dst);
  const isForMany = route.type === RTN.MULTICAST || route.type === RTN.BROADCAST;
  const nextHop = route.gateway ?? dst;
  const neighbour = isForMany ? undefined : getNeighbour(socket, link.ifindex, nextHop);
  const hops = [
    pod,
    wayOut,
    ...(isForMany
      ? []
      : [judgeNeighbour({ name: podNameOf(record), ifname: link.ifname, address: nextHop, neighbour })]),
  ];
  const packet = { src, dst, service, isTranslated: false };
  return { hops, next: () => onwards({ record, packet, link, nextHop, neighbour, isForMany }) };
}

function sourceOf({ source }: FoundRoute, record: AttachmentRecord, dst: Address): Address {
  const own = addressesOf(record).find(({ family }) => family === dst.family);
  return source ?? own ?? { family: dst.family, value: 0n };
}

export interface PodInterface {
  /** Whose it is. */
  readonly name: string;
  readonly ifname: string;
  /** Path of the pod's namespace. */
  readonly netns: string;
  /** Undefined where there is none of that name. */
  readonly link: Link | undefined;
  readonly addresses: readonly InterfaceAddress[];
  /** The packet is for it. */
  readonly isTarget?: true;
  /** Addresses that it was given. */
  readonly given: readonly Prefix[];
}

const ANEW = "delete the pod, so that its runtime starts it anew";

export function judgeInterface(pod: PodInterface, family: Family, at = "pod"): Hop {
  const { name, ifname, netns, link, addresses } = pod;
  if (link === undefined) return stops(at, `${name} has no interface ${ifname}`, ANEW);
  if (!link.isUp)
    return stops(
      at,
      `${ifname} of ${name} is down`,
      `${inPod(netns, `ip link set dev ${ifname} up`)}; then trace again, for its routes went with it`,
    );
  const own = addresses.filter(({ prefix }) => prefix.address.family === family);
  const usable = own.filter((address) => !address.isTentative);
  const [twice] = own.filter((address) => address.hasFailedDetection);
  if (usable.every(({ isLinkLocal }) => isLinkLocal)) {
    const lack = twice === undefined ? lacksAddress(pod, family, at) : isTwice(pod, twice, at);
    return canUseLinkLocal(usable, pod) ? { ...lack, level: "warning" } : lack;
  }
  const shown = usable.filter(({ isLinkLocal }) => !isLinkLocal).map(({ prefix }) => formatPrefix(prefix));
  return passes(at, `${ifname} of ${name} is up with ${shown.join(", ")}, MTU ${link.mtu}`);
}

/** It can speak to its link, but nobody can to an address that it does not have. */
function canUseLinkLocal(usable: readonly InterfaceAddress[], { isTarget }: PodInterface): boolean {
  return usable.length > 0 && isTarget !== true;
}

function lacksAddress({ name, ifname, netns, given }: PodInterface, family: Family, at: string): Hop {
  const text = `${ifname} of ${name} has no IPv${family} address`;
  const [lost] = given.filter(({ address }) => address.family === family);
  if (lost === undefined)
    return stops(at, text, `give its network an IPv${family} range, and ${ANEW}; or use the other family`);
  const options = family === 6 ? " nodad" : "";
  return stops(
    at,
    `${text}, it was given ${formatPrefix(lost)}`,
    inPod(netns, `ip address add ${formatPrefix(lost)} dev ${ifname}${options}`),
  );
}

function isTwice({ name, ifname }: PodInterface, { prefix }: InterfaceAddress, at: string): Hop {
  return stops(
    at,
    `${ifname} of ${name} does not use ${formatPrefix(prefix)}: another host on the link has it`,
    "find that host by the neighbour entries of the others, then start the pod anew",
  );
}
