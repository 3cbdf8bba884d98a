/** The second part of a way out of a pod with a pair of its own: the node's end of it, which is routed. */

import { formatAddress, sameAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { listAddresses } from "../../link/address.ts";
import type { Link } from "../../link/link.ts";
import { isRefusal, lookUpRoute } from "../../link/route-lookup.ts";
import { RTN } from "../../netlink/route/route.ts";
import type { Facts } from "./facts.ts";
import type { Sent } from "./from-pod.ts";
import { type Hop, type Leg, passes, stops } from "./hop.ts";
import { atNode } from "./node.ts";
import { isUsable, judgeLimit, judgePort, readLimitOut, readPort } from "./port.ts";
import { hostPrefix } from "./route.ts";

export function fromPair(facts: Facts, sent: Sent): Leg {
  const port = readPort(facts, sent.record);
  if (!isUsable(port)) return { hops: [judgePort(port)] };
  const { link } = port;
  const hops = [judgePort(port), ...judgeLimit(readLimitOut(facts, link))];
  if (sent.isForMany) return { hops: [...hops, toNodeAlone(sent, link)], end: "arrives" };
  const lost = judgeGateway(facts, sent, link);
  return {
    hops: [...hops, ...lost],
    next: () =>
      atNode(facts, { packet: sent.packet, record: sent.record, entrance: link, nextHop: sent.nextHop }),
  };
}

function toNodeAlone({ packet }: Sent, { ifname }: Link): Hop {
  return passes("node", `${formatAddress(packet.dst)} is for many: behind ${ifname} is the node alone`);
}

/** The node answers for every IPv4 address of its own, and for the IPv6 addresses of the interface that is asked. */
function judgeGateway({ host }: Facts, { nextHop }: Sent, { ifindex, ifname }: Link): Hop[] {
  const answer = lookUpRoute(host, { dst: nextHop });
  const isNodes = !isRefusal(answer) && answer.type === RTN.LOCAL;
  const isHere = () =>
    listAddresses(host, ifindex).some(({ prefix }) => sameAddress(prefix.address, nextHop));
  if (nextHop.family === 4 ? isNodes : isHere()) return [];
  const text = `the node does not answer for ${formatAddress(nextHop)} on ${ifname}, and nobody else is behind it`;
  return [stops("node", text, `ip address add ${formatPrefix(hostPrefix(nextHop))} dev ${ifname}`)];
}
