/** The last part of a way into a pod of this node: its port, its interface, who listens, and the way of its answer. */

import { type Address, formatAddress } from "../../addr/address.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink, getLinkByIndex, type Link } from "../../link/link.ts";
import { isRefusal, lookUpRoute, type RouteAnswer } from "../../link/route-lookup.ts";
import { hasListener } from "../../linux/listeners.ts";
import type { NetnsHandle } from "../../linux/netns.ts";
import { RTN } from "../../netlink/route/route.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { judgeInterface } from "./from-pod.ts";
import { type Hop, inPod, type Leg, type Packet, passes, stops, warns } from "./hop.ts";
import {
  isUsable,
  judgeLimit,
  judgePort,
  judgeSenderCheck,
  judgeVlanOut,
  readLimitIn,
  readPort,
  readSenderCheck,
} from "./port.ts";
import { describeRoute, routeAdvice } from "./route.ts";

interface Reaching {
  readonly record: AttachmentRecord;
  readonly packet: Packet;
  /** The VLAN that the frame is in; undefined where the bridge tells none apart. */
  readonly vlan: number | undefined;
}

export function intoPod(facts: Facts, reaching: Reaching): Leg {
  const { record, vlan } = reaching;
  const port = readPort(facts, record);
  if (!isUsable(port)) return { hops: [judgePort(port)] };
  const hops = [judgePort(port), ...judgeVlanOut(port, vlan), ...judgeLimit(readLimitIn(facts, port.link))];
  return { hops, next: () => atPod(facts, reaching) };
}

/** The pod's own interface, whatever brought the packet there. */
export function atPod(facts: Facts, { record, packet }: Omit<Reaching, "vlan">): Leg {
  const { socket } = facts.pod(record);
  const { ifname, netns, ips: given = [] } = record;
  const link = getLink(socket, ifname);
  const addresses = link === undefined ? [] : listAddresses(socket, link.ifindex);
  const name = podNameOf(record);
  const own = judgeInterface(
    { name, ifname, netns, link, addresses, given, isTarget: true },
    packet.dst.family,
    "target",
  );
  if (link === undefined) return { hops: [own] };
  return { hops: [own], next: () => answered(facts, { record, packet, link }) };
}

interface Arrived {
  readonly record: AttachmentRecord;
  readonly packet: Packet;
  readonly link: Link;
}

function answered(facts: Facts, { record, packet, link }: Arrived): Leg {
  const { socket, netns } = facts.pod(record);
  const { src, dst, service } = packet;
  const taken = lookUpRoute(socket, { dst, src, iif: link.ifindex });
  const own = lookUpRoute(socket, { dst });
  const back = lookUpRoute(socket, { dst: src });
  const backIfname = isRefusal(back) ? "" : getLinkByIndex(socket, back.ifindex).ifname;
  const reply = {
    name: podNameOf(record),
    ifname: record.ifname,
    netns: record.netns,
    src,
    dst,
    isOwn: !isRefusal(own) && own.type === RTN.LOCAL,
    taken,
    back,
    backIfname,
    advice: routeAdvice(facts, record, src),
  };
  const isHere = !isRefusal(taken) && taken.type === RTN.LOCAL;
  const guarded =
    record.bridge !== undefined ? judgeSenderCheck(readSenderCheck(facts, record, link.mac)) : [];
  if (!isHere) return { hops: [judgeReply(reply)], end: "unknown" };
  const listens = judgeListener(reply.name, service, readListener(service, netns));
  const hops = [...listens, ...guarded, judgeReply(reply)];
  return { hops, end: "arrives" };
}

interface Reply {
  readonly name: string;
  readonly ifname: string;
  readonly netns: string;
  /** The sender as the pod sees it. */
  readonly src: Address;
  readonly dst: Address;
  /** The address is the pod's. */
  readonly isOwn: boolean;
  /** What the pod does with the packet. */
  readonly taken: RouteAnswer;
  /** Its way back, and the interface of that. */
  readonly back: RouteAnswer;
  readonly backIfname: string;
  /** What to do where there is no way back. */
  readonly advice: string;
}

/** The pod takes the packet, and has a way back to its sender. */
export function judgeReply(reply: Reply): Hop {
  const { name, ifname, netns, src, dst, isOwn, taken, back, backIfname } = reply;
  const [sender, text] = [formatAddress(src), formatAddress(dst)];
  if (isRefusal(back)) {
    return stops("reply", `${name} has no route back to ${sender}: its answer goes nowhere`, reply.advice);
  }
  const way = `${name} answers ${sender} ${describeRoute(back, backIfname)}`;
  if (isRefusal(taken) && isOwn) {
    const advice = inPod(netns, `sysctl -w net.ipv4.conf.all.rp_filter=2`);
    return stops("target", `the reverse path filter of ${name} drops it: ${way}`, advice);
  }
  if (isRefusal(taken))
    return stops(
      "target",
      `${text} is no address of ${name}, which does not send it on (${taken.errno})`,
      "podwire attachments shows which addresses there are",
    );
  if (taken.type !== RTN.LOCAL)
    return warns("target", `${text} is no address of ${name}, which may send it on`);
  if (backIfname !== ifname) return warns("reply", `${way}: not the way that it came`);
  return passes("reply", way);
}

/** `netns`: where the packet is; undefined for the node's own. Nothing to say without a port, or of SCTP. */
export function readListener(
  service: Packet["service"],
  netns: NetnsHandle | undefined,
): boolean | undefined {
  if (service === undefined || service.protocol === "sctp") return undefined;
  const { protocol, port } = service;
  return netns === undefined ? hasListener(protocol, port) : netns.run(() => hasListener(protocol, port));
}

/** `name`: of the pod, or "the node". */
export function judgeListener(name: string, service: Packet["service"], isThere: boolean | undefined): Hop[] {
  if (service === undefined || isThere === undefined) return [];
  const text = `port ${service.port}/${service.protocol} of ${name}`;
  if (isThere) return [passes("listener", `somebody listens at ${text}`)];
  return [warns("listener", `nobody listens at ${text}`)];
}
