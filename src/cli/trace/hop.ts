/** A packet, and its way as a list of hops, which is walked up to the first one that stops it. */

import { type Address, formatAddress } from "../../addr/address.ts";
import type { Service } from "../../addr/service.ts";
import type { Level } from "../mark.ts";

export interface Packet {
  readonly src: Address;
  readonly dst: Address;
  readonly service?: Service | undefined;
  /** The destination was a host port of this node. */
  readonly isTranslated: boolean;
}

/** `10.1.0.5`, `10.1.0.5 port 80/tcp`. */
export function describeDestination({ dst, service }: Pick<Packet, "dst" | "service">): string {
  const address = formatAddress(dst);
  return service === undefined ? address : `${address} port ${service.port}/${service.protocol}`;
}

export interface Hop {
  /** What the packet is at: "route", "port", "bridge", … */
  readonly at: string;
  readonly level: Level;
  /** What the kernel does there, and why. */
  readonly text: string;
  /** What mends it: a command, or what to do; absent where nothing is to be mended. */
  readonly advice?: string;
}

/** How a way ends: at whom it was for, out of this node, before that, or where somebody else decides. */
export type Outcome = "arrives" | "leaves" | "unknown" | "stopped";

/** A part of the way whose facts are read together; where nothing stops the packet, another part or an end follows. */
export interface Leg {
  readonly hops: readonly Hop[];
  readonly next?: () => Leg;
  readonly end?: Exclude<Outcome, "stopped">;
}

export interface Way {
  readonly hops: readonly Hop[];
  readonly outcome: Outcome;
}

/** Goes on while nothing stops the packet. */
export function walk(first: () => Leg): Way {
  const hops: Hop[] = [];
  for (let leg = first(); ; leg = leg.next()) {
    for (const hop of leg.hops) {
      hops.push(hop);
      if (hop.level === "fault") return { hops, outcome: "stopped" };
    }
    if (leg.next === undefined) return { hops, outcome: leg.end ?? "unknown" };
  }
}

export function passes(at: string, text: string): Hop {
  return { at, level: "ok", text };
}

/** It goes on, but somebody should look at it. */
export function warns(at: string, text: string, advice?: string): Hop {
  return { at, level: "warning", text, ...(advice === undefined ? {} : { advice }) };
}

export function stops(at: string, text: string, advice: string): Hop {
  return { at, level: "fault", text, advice };
}

/** The command as a person on the node types it for a pod. */
export function inPod(netns: string, command: string): string {
  return `nsenter --net=${netns} ${command}`;
}
