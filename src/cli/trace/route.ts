/** Hops through routing decisions and neighbours: what the kernel answered, in words. */

import { ADDRESS_BITS, type Address, formatAddress } from "../../addr/address.ts";
import { formatPrefix, type Prefix, prefixContains } from "../../addr/prefix.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { ingressOfRecord } from "../../attachment/rules/ingress.ts";
import { listAddresses } from "../../link/address.ts";
import { getLink } from "../../link/link.ts";
import type { Neighbour } from "../../link/neighbour.ts";
import {
  type FoundRoute,
  isRefusal,
  type RouteAnswer,
  type RouteRefusal,
  type StoppingRoute,
} from "../../link/route-lookup.ts";
import type { Facts } from "./facts.ts";
import { type Hop, inPod, passes, stops, warns } from "./hop.ts";

const TABLES: Readonly<Record<number, string>> = { 253: "default", 254: "main", 255: "local" };

function tableName(table: number): string {
  return TABLES[table] ?? String(table);
}

/** `by 10.1.0.1 on eth0 (table main)`, `directly on eth0 (table main)`: where a route leads. */
export function describeRoute({ gateway, table }: FoundRoute, ifname: string): string {
  const way = gateway === undefined ? `directly on ${ifname}` : `by ${formatAddress(gateway)} on ${ifname}`;
  return `${way} (${table === 0 ? "no route: taken to be there" : `table ${tableName(table)}`})`;
}

/** What a refusal is judged with. */
export interface Refused {
  /** Whose routes they are: a pod's name, or "the node". */
  readonly name: string;
  readonly dst: Address;
  /** The route that was put there to stop it; undefined where none is. */
  readonly stopping: StoppingRoute | undefined;
  /** What to do where there is just no route. */
  readonly advice: string;
  /** A command as it is typed there. */
  command(text: string): string;
}

/** There is no way, or a route that stops the packet. */
export function judgeRefusal({ errno }: RouteRefusal, refused: Refused, at = "route"): Hop {
  const { name, dst, stopping, command, advice } = refused;
  if (stopping === undefined || errno === "ENETUNREACH") {
    const text = `${name} has no route to ${formatAddress(dst)}`;
    return stops(at, errno === "ENETUNREACH" ? text : `${text} (${errno})`, advice);
  }
  const { type } = stopping;
  const [prefix, table] = [formatPrefix(stopping.dst), tableName(stopping.table)];
  const text = `${name} has a route of type ${type} to ${prefix} (table ${table})`;
  return stops(at, text, command(`${ipOf(dst)} route del ${type} ${prefix} table ${table}`));
}

/** The address alone as a destination of routes. */
export function hostPrefix(address: Address): Prefix {
  return { address, prefixLength: ADDRESS_BITS[address.family] };
}

/** The program that a person changes routes of that family with. */
export function ipOf({ family }: Address): string {
  return family === 6 ? "ip -6" : "ip";
}

/** A route of the pod's own that leads on. */
export function judgeRoute(route: FoundRoute, { dst, ifname }: { dst: Address; ifname: string }): Hop {
  const source = route.source === undefined ? "" : `, from ${formatAddress(route.source)}`;
  return passes("route", `${formatAddress(dst)} is reached ${describeRoute(route, ifname)}${source}`);
}

export function routeAdvice(facts: Facts, record: AttachmentRecord, dst: Address): string {
  const gateway = gatewayFor(facts, record, dst);
  if (gateway === undefined)
    return "give its network a gateway, or routes in its ipam, and start the pod anew";
  const route = `${ipOf(dst)} route add default via ${formatAddress(gateway)} dev ${record.ifname}`;
  return inPod(record.netns, route);
}

/** The node's address in the pod's network. */
function gatewayFor(facts: Facts, record: AttachmentRecord, { family }: Address): Address | undefined {
  const entry = getLink(facts.host, ingressOfRecord(record).ifname);
  const own = record.ips?.find(({ address }) => address.family === family);
  if (entry === undefined || own === undefined) return undefined;
  return listAddresses(facts.host, entry.ifindex)
    .map(({ prefix }) => prefix.address)
    .find((address) => prefixContains(own, address));
}

interface NeighbourFacts {
  /** Who asks: a pod's name, or "the node". */
  readonly name: string;
  readonly ifname: string;
  /** The next hop. */
  readonly address: Address;
  /** Undefined where nobody has asked for it yet. */
  readonly neighbour: Neighbour | undefined;
}

export function judgeNeighbour({ name, ifname, address, neighbour }: NeighbourFacts): Hop {
  const text = formatAddress(address);
  if (neighbour === undefined) return passes("neighbour", `${name} does not know ${text} yet and will ask`);
  const { mac, state } = neighbour;
  if (state === "FAILED" || state === "INCOMPLETE")
    return warns(
      "neighbour",
      `${text} did not answer when ${name} asked for it on ${ifname} (${state}); it will ask again`,
    );
  return passes("neighbour", `${text} is ${mac} on ${ifname} (${state})`);
}

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
