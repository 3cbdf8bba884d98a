/** The hop through a routing decision: what the kernel answered, in words. */

import { ADDRESS_BITS, type Address, formatAddress } from "../../addr/address.ts";
import { formatPrefix, type Prefix } from "../../addr/prefix.ts";
import type { FoundRoute, RouteRefusal, StoppingRoute } from "../../link/route-lookup.ts";
import { type Hop, passes, stops } from "./hop.ts";

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

/** True for fe80::/10. */
export function isLinkLocal({ family, value }: Address): boolean {
  return family === 6 && value >> 118n === 0x3fan;
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
