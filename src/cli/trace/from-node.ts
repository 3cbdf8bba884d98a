/** The part of a way after the node's routing decision: into a pod of another network, or out of the node. */

import { type Address, formatAddress, sameAddress } from "../../addr/address.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/ruleset.ts";
import type { Link } from "../../link/link.ts";
import { getNeighbour } from "../../link/neighbour.ts";
import { findPort } from "../../link/vlan-gateway.ts";
import { type Facts, podNameOf } from "./facts.ts";
import { type Leg, stops, warns } from "./hop.ts";
import { intoPod } from "./into-pod.ts";
import { judgeNeighbour } from "./neighbour.ts";
import type { Packet } from "./packet.ts";
import { readVlans, vlanBehind } from "./port.ts";
import { parentOf } from "./segment.ts";
import { findReceiver } from "./stations.ts";
import { type Behind, judgeExit, judgeMtu, leaveNode } from "./uplink.ts";

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
  const macvlan = facts.living.find(
    (one) =>
      one.kind === "macvlan" &&
      parentOf(facts, one)?.ifindex === link.ifindex &&
      addressesOf(one).some((own) => sameAddress(own, nextHop)),
  );
  if (macvlan === undefined) return leaveNode(facts, { ...forwarded, podMtu: record.mtu });
  const text = `${podNameOf(macvlan)} is a macvlan interface of ${link.ifname}: the node itself cannot reach it there`;
  return { hops: [stops("node", text, "take a network with --attach bridge for one of the two")] };
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
