/** The last hop of a way that leaves the node: the interface, and whom it is handed to. */

import type { Address } from "../../addr/address.ts";
import { hasCarrier } from "../../link/carrier.ts";
import type { Link } from "../../link/link.ts";
import { getNeighbour } from "../../link/neighbour.ts";
import type { Facts } from "./facts.ts";
import { type Hop, type Leg, passes, stops, warns } from "./hop.ts";
import { judgeNeighbour } from "./neighbour.ts";
import { judgePort, judgeVlanOut, portOf } from "./port.ts";

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
