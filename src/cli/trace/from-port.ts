/** The second part of a way that goes over a bridge: from the node's end of a pod's pair to whoever is to get it there. */

import { formatAddress, sameAddress } from "../../addr/address.ts";
import { formatPrefix, prefixContains } from "../../addr/prefix.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { ingressOfRecord } from "../../attachment/rules/ingress.ts";
import { callsFilter } from "../../link/bridge-port.ts";
import type { Link } from "../../link/link.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { judgeForward } from "./filter.ts";
import { judgeExit } from "./from-node.ts";
import type { Sent } from "./from-pod.ts";
import { type Hop, inPod, type Leg, passes, stops, warns } from "./hop.ts";
import { intoPod } from "./into-pod.ts";
import { atNode } from "./node.ts";
import {
  isWorking,
  judgeLimit,
  judgePort,
  judgeSenderCheck,
  judgeVlanIn,
  judgeVlanOut,
  portOf,
  readLimitOut,
  readPort,
  readSenderCheck,
  readVlans,
  vlanBehind,
  type WorkingPort,
} from "./port.ts";
import { type Entrance, findReceiver, otherPorts } from "./stations.ts";

/** A packet on the bridge, come in by a pod's port. */
interface OnBridge {
  readonly port: WorkingPort;
  readonly sent: Sent;
}

export function fromPort(facts: Facts, sent: Sent): Leg {
  const { record, link } = sent;
  const port = readPort(facts, record);
  if (!isWorking(port)) return { hops: [judgePort(port)] };
  const hops = [
    judgePort(port),
    ...judgeLimit(readLimitOut(facts, port.link)),
    ...judgeSenderCheck(readSenderCheck(facts, record, link.mac)),
    ...judgeVlanIn(port),
  ];
  return {
    hops,
    next: () => (sent.isForMany ? toMany(facts, { port, sent }) : overBridge(facts, { port, sent })),
  };
}

/** What multicast and broadcast do on a bridge; the node routes neither. */
function toMany(facts: Facts, { port: { bridge, link }, sent }: OnBridge): Leg {
  const { packet } = sent;
  const ports = otherPorts(facts, bridge, link).map(({ ifname }) => ifname);
  const others = ports.length === 0 ? "the node alone" : `the node and ${ports.join(", ")}`;
  const text = `${formatAddress(packet.dst)} is for many: ${bridge.ifname} gives it to ${others}`;
  return { hops: [passes("bridge", text)], end: "arrives" };
}

function overBridge(facts: Facts, frame: OnBridge): Leg {
  const { port, sent } = frame;
  const { nextHop: address, neighbour } = sent;
  const { bridge } = port;
  const receiver = findReceiver(facts, { bridge, address, neighbour, vlan: vlanBehind(port) });
  if (receiver.kind === "node") return toNode(facts, frame, receiver.entrance);
  if (receiver.kind === "pod") return toPod(facts, frame, receiver.record);
  if (receiver.kind === "port") return toPort(facts, frame, receiver.port);
  const text = formatAddress(address);
  if (receiver.kind === "nobody") return { hops: [nobody(sent, bridge)] };
  const names = receiver.ports.map(({ ifname }) => ifname).join(", ");
  const hop = warns(
    "bridge",
    `no pod of podwire's on ${bridge.ifname} has ${text}; who is behind its ports ${names} is not known`,
  );
  return { hops: [hop], end: "unknown" };
}

/** Where the gateway should be, its address is what is missing. */
function nobody({ record, nextHop, packet, neighbour }: Sent, bridge: Link): Hop {
  if (neighbour?.state === "PERMANENT") {
    const { mac } = neighbour;
    const text = `nobody on ${bridge.ifname} has ${mac}, which a permanent entry of the pod names for ${formatAddress(nextHop)}`;
    const entry = `ip neighbour del ${formatAddress(nextHop)} dev ${record.ifname}`;
    return stops("bridge", text, inPod(record.netns, entry));
  }
  const text = `nobody on ${bridge.ifname} has ${formatAddress(nextHop)}: no pod, not the node, and no interface leads out of it`;
  if (record.uplink !== undefined)
    return stops("bridge", text, `ip link set dev ${record.uplink.ifname} up master ${bridge.ifname}`);
  const own = record.ips?.find((prefix) => prefixContains(prefix, nextHop));
  if (own === undefined || sameAddress(nextHop, packet.dst))
    return stops("bridge", text, "podwire attachments shows which addresses there are");
  const gateway = formatPrefix({ address: nextHop, prefixLength: own.prefixLength });
  return stops("bridge", text, `ip address add ${gateway} dev ${ingressOfRecord(record).ifname}`);
}

/** The node takes what is for an interface of its own, if the VLAN is the same. */
function toNode(facts: Facts, { port, sent }: OnBridge, { link, port: behind }: Entrance): Leg {
  const { bridge } = port;
  const own =
    behind === undefined
      ? undefined
      : portOf(facts, behind, { ifname: behind.ifname, bridgeName: bridge.ifname });
  const exit = own ?? { ifname: bridge.ifname, vlans: readVlans(facts, bridge, bridge) };
  const hops = [
    ...(own === undefined ? [] : [judgePort(own)]),
    ...judgeVlanOut(exit, vlanBehind(port)),
    link.isUp
      ? passes("bridge", `${bridge.ifname} hands it to the node, at ${link.ifname}`)
      : stops("bridge", `the node's interface ${link.ifname} is down`, `ip link set dev ${link.ifname} up`),
  ];
  return {
    hops,
    next: () =>
      atNode(facts, { packet: sent.packet, record: sent.record, entrance: link, nextHop: sent.nextHop }),
  };
}

function toPod(facts: Facts, { port, sent }: OnBridge, target: AttachmentRecord): Leg {
  const { bridge, link } = port;
  const { packet } = sent;
  const exit = readPort(facts, target);
  const { ifname } = bridge;
  const filtered = callsFilter(ifname, packet.dst.family)
    ? judgeForward(facts, { iif: bridge, oif: bridge, packet })
    : [];
  const hops = [
    passes("bridge", `${ifname} hands it to ${exit.ifname}, the port of ${podNameOf(target)}`),
    ...judgeIsolation(link, exit.link),
    ...filtered,
  ];
  return { hops, next: () => intoPod(facts, { record: target, packet, vlan: vlanBehind(port) }) };
}

/** Two isolated ports of a bridge take nothing from each other. */
function judgeIsolation(from: Link, to: Link | undefined): Hop[] {
  if (to === undefined || !from.isIsolated || !to.isIsolated) return [];
  const text = `${from.ifname} and ${to.ifname} are isolated ports: they take nothing from each other`;
  return [
    stops(
      "bridge",
      text,
      'start both pods anew without "portIsolation" and with another "ingressPolicy" than isolated',
    ),
  ];
}

/** What leads out of the bridge, past the node. */
function toPort(facts: Facts, { port, sent: { nextHop } }: OnBridge, exit: Link): Leg {
  const { bridge } = port;
  const text = `${bridge.ifname} hands it to ${exit.ifname}, where ${formatAddress(nextHop)} is`;
  const hops = [passes("bridge", text), ...judgeExit(facts, exit, { bridge, vlan: vlanBehind(port) })];
  return { hops, end: "leaves" };
}
