/** The hop into the node: whether its own stack takes a pod's packet, and may send it on. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { forwardingKey } from "../../link/forwarding.ts";
import type { Link } from "../../link/link.ts";
import {
  findStoppingRoute,
  isRefusal,
  lookUpRoute,
  type RouteAnswer,
  type StoppingRoute,
} from "../../link/route-lookup.ts";
import { readSysctl } from "../../linux/sysctl.ts";
import { RTN } from "../../netlink/route/route.ts";
import type { Facts } from "./facts.ts";
import { type Hop, passes, stops } from "./hop.ts";
import { describeRoute, hostPrefix, ipOf, isLinkLocal, judgeRefusal } from "./route.ts";

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
