/** The hop of an answer through the node: it has to reach the pod by the interface that the packet came in by. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { formatPrefix, type Prefix } from "../../addr/prefix.ts";
import { isRefusal, type RouteAnswer } from "../../link/route-lookup.ts";
import { type Hop, passes, stops } from "./hop.ts";
import { describeRoute, hostPrefix, ipOf } from "./route.ts";

export interface WayBack {
  readonly src: Address;
  /** The interface that the packet came in by. */
  readonly ifname: string;
  readonly back: RouteAnswer;
  /** Name of the interface in the answer; empty for a refusal. */
  readonly backIfname: string;
  /** The pod's gateway, which should be an address of the node's and is none; undefined where all is well. */
  readonly lost: Prefix | undefined;
}

export function judgeWayBack({ src, ifname, back, backIfname, lost }: WayBack): Hop {
  const text = formatAddress(src);
  const gateway = lost && `ip address add ${formatPrefix(lost)} dev ${ifname}`;
  const advice = gateway ?? `${ipOf(src)} route replace ${formatPrefix(hostPrefix(src))} dev ${ifname}`;
  if (isRefusal(back)) return stops("reply", `the node has no route back to ${text}`, advice);
  const way = `the node answers ${text} ${describeRoute(back, backIfname)}`;
  if (backIfname === ifname) return passes("reply", way);
  return stops("reply", `${way}, and the pod is behind ${ifname}`, advice);
}
