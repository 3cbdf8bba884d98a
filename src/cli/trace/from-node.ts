/** The part of a way after the node's routing decision: into a pod of another network, or out of the node. */

import { type Address, formatAddress, sameAddress } from "../../addr/address.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/rules/ruleset.ts";
import type { Link } from "../../link/link.ts";
import { getNeighbour } from "../../link/neighbour.ts";
import { findPort } from "../../link/vlan-gateway.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { type Hop, type Leg, type Packet, passes, stops, warns } from "./hop.ts";
import { intoPod } from "./into-pod.ts";
import { hasCarrier, judgePort, judgeVlanOut, portOf, readVlans, vlanBehind } from "./port.ts";
import { judgeNeighbour } from "./route.ts";
import { findReceiver, parentOf } from "./stations.ts";

interface Forwarded {
  readonly packet: Packet;
  /** The pod that sent it. */
  readonly record: AttachmentRecord;
  /** The interface of the node that it goes out by. */
  readonly link: Link;
  readonly nextHop: Address;
  /** Bytes. */
  readonly mtu: number;
}

export function fromNode(facts: Facts, forwarded: Forwarded): Leg {
  const { link, record, nextHop } = forwarded;
  const behind = bridgeBehind(facts, link);
  if (behind !== undefined) return ontoBridge(facts, forwarded, behind);
  const paired = facts.living.find(
    ({ bridge, hostIfname }) => bridge === undefined && hostIfname === link.ifname,
  );
  if (paired !== undefined) return intoPair(facts, forwarded, paired);
  const macvlan = facts.living.find(
    (one) =>
      parentOf(facts, one)?.ifindex === link.ifindex &&
      addressesOf(one).some((own) => sameAddress(own, nextHop)),
  );
  if (macvlan === undefined) return leaveNode(facts, { ...forwarded, podMtu: record.mtu });
  const text = `${podNameOf(macvlan)} is a macvlan interface of ${link.ifname}: the node itself cannot reach it there`;
  return { hops: [stops("node", text, "take a network with --attach bridge for one of the two")] };
}

/** The pod of a pair takes what is for its own addresses, and is asked for no other. */
function intoPair(
  facts: Facts,
  { packet, link, nextHop: address }: Forwarded,
  record: AttachmentRecord,
): Leg {
  const neighbour = getNeighbour(facts.host, link.ifindex, address);
  const known = judgeNeighbour({ name: "the node", ifname: link.ifname, address, neighbour });
  return { hops: [known], next: () => intoPod(facts, { record, packet, vlan: undefined }) };
}

/** What an interface of the node leads to. */
function bridgeBehind(facts: Facts, link: Link): Behind | undefined {
  if (link.kind === "bridge")
    return { bridge: link, vlan: vlanBehind({ vlans: readVlans(facts, link, link) }) };
  const parent = facts.link(link.tag === undefined ? 0 : link.peer);
  if (parent?.kind === "bridge") return { bridge: parent, vlan: link.tag?.vlan };
  const port = findPort(facts.host, link);
  const bridge = facts.link(port?.master ?? 0);
  if (port === undefined || bridge === undefined) return undefined;
  return { bridge, vlan: vlanBehind({ vlans: readVlans(facts, bridge, port) }) };
}

function ontoBridge(facts: Facts, forwarded: Forwarded, { bridge, vlan }: Behind): Leg {
  const { packet, link, nextHop, mtu, record } = forwarded;
  const neighbour = getNeighbour(facts.host, link.ifindex, nextHop);
  const known = judgeNeighbour({ name: "the node", ifname: link.ifname, address: nextHop, neighbour });
  const receiver = findReceiver(facts, { bridge, address: nextHop, neighbour, vlan });
  if (receiver.kind === "pod")
    return { hops: [known], next: () => intoPod(facts, { record: receiver.record, packet, vlan }) };
  if (receiver.kind === "port") {
    const hops = [known, ...judgeExit(facts, receiver.port, { bridge, vlan })];
    return { hops: [...hops, ...judgeMtu(record.mtu, { ifname: link.ifname, mtu })], end: "leaves" };
  }
  const text = formatAddress(nextHop);
  if (receiver.kind === "ports") {
    const names = receiver.ports.map(({ ifname }) => ifname).join(", ");
    const hop = warns("bridge", `who has ${text} behind the ports ${names} of ${bridge.ifname} is not known`);
    return { hops: [known, hop], end: "unknown" };
  }
  const hop = stops(
    "bridge",
    `nobody on ${bridge.ifname} has ${text}: no pod, and no interface leads out of it`,
    "podwire attachments shows which addresses there are",
  );
  return { hops: [known, hop] };
}

/** A bridge, and the VLAN of it that a frame is in; undefined where it tells none apart. */
export interface Behind {
  readonly bridge: Link;
  readonly vlan: number | undefined;
}

/** Up, and with somebody at its other end. */
export function judgeCarrier(link: Link): Hop {
  const { ifname, isUp } = link;
  if (!isUp) return stops("uplink", `${ifname} is down`, `ip link set dev ${ifname} up`);
  if (!hasCarrier(link))
    return stops(
      "uplink",
      `${ifname} has no carrier`,
      "look at the cable, the switch, or the interface below it",
    );
  return passes("uplink", `${ifname} is up: it leaves this node there`);
}

/** A port of a bridge that leads out of the node. */
export function judgeExit(facts: Facts, exit: Link, { bridge, vlan }: Behind): Hop[] {
  const carrier = judgeCarrier(exit);
  if (carrier.level === "fault") return [carrier];
  const out = portOf(facts, exit, { ifname: exit.ifname, bridgeName: bridge.ifname });
  return [judgePort(out), ...judgeVlanOut(out, vlan), carrier];
}

/** Packets that do not fit come back as ICMP errors, and senders learn from them where nothing swallows those. */
export function judgeMtu(
  mtu: number | undefined,
  { ifname, mtu: widest }: { readonly ifname: string; readonly mtu: number },
): Hop[] {
  if (mtu === undefined || mtu <= widest) return [];
  const text = `the pod's MTU is ${mtu}, that of ${ifname} ${widest}: larger packets stay here, and the pod has to learn it by ICMP`;
  return [warns("mtu", text, `"mtu": ${widest} in the configuration, and start the pod anew`)];
}

interface LeavingBy {
  readonly link: Link;
  readonly nextHop: Address;
  /** Of the route, else of the interface; bytes. */
  readonly mtu: number;
  /** Of the pod; bytes. */
  readonly podMtu: number | undefined;
}

export function leaveNode({ host }: Facts, { link, nextHop, mtu, podMtu }: LeavingBy): Leg {
  const neighbour = getNeighbour(host, link.ifindex, nextHop);
  const hops = [
    judgeCarrier(link),
    judgeNeighbour({ name: "the node", ifname: link.ifname, address: nextHop, neighbour }),
    ...judgeMtu(podMtu, { ifname: link.ifname, mtu }),
  ];
  return { hops, end: "leaves" };
}
