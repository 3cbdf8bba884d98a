/** What `podwire trace` says, and whether real packets do the same. */

import { podwire } from "../node/commands.ts";
import type { Node } from "../node/node.ts";
import { attach } from "../pod/attachment.ts";
import { IN_VAIN } from "./traffic.ts";
import { MYNET, mapped, OTHERNET, WEB } from "./traffic-networks.ts";
import { NODE4, NODE6, World } from "./traffic-world.ts";

export interface Hop {
  readonly at: string;
  readonly level: string;
  readonly text: string;
  readonly advice: string | null;
}

export interface Traced {
  readonly exitCode: number;
  readonly outcome: string;
  readonly hops: readonly Hop[];
  readonly last: Hop;
}

/** `line`: what stands behind `podwire trace`. */
export function trace(node: Node, line: string): Traced {
  const { exitCode, stdout, stderr } = podwire(node, `trace ${line} --json`);
  if (stdout === "") throw new Error(stderr);
  const { outcome, hops }: Traced = JSON.parse(stdout);
  const last = hops.at(-1);
  if (last === undefined) throw new Error(`no hops: ${stdout}`);
  return { exitCode, outcome, hops, last };
}

/** The hop of that name; the last where there are several. */
export function hopAt({ hops }: Traced, at: string): Hop | undefined {
  return hops.findLast((hop) => hop.at === at);
}

/** Addresses of what can be traced to, by family; pods are attached in this order. */
export const ADDRESSES: Record<string, { readonly ip: string; readonly ip6: string }> = {
  c1: { ip: "10.1.0.2", ip6: "fd00:1::2" },
  c2: { ip: "10.1.0.3", ip6: "fd00:1::3" },
  c3: { ip: "10.2.0.2", ip6: "fd00:2::2" },
  gateway: { ip: "10.1.0.1", ip6: "fd00:1::1" },
  node: { ip: NODE4, ip6: NODE6 },
  outside: { ip: "192.168.50.2", ip6: "fd50::2" },
  nobody: { ip: "10.1.0.99", ip6: "fd00:1::99" },
};

export const FAMILIES = ["ip", "ip6"] as const;
export type FamilyName = (typeof FAMILIES)[number];

/**
 * c1 and c2 on cni0, c2 behind port 8080 of the node; c3 on cni1; the host outside has ways back to all of
 * them. `prepare`: before the first pod.
 */
export async function tracedWorld(
  mynet: object = {},
  othernet: object = {},
  prepare: (node: Node) => void = () => {},
): Promise<World> {
  const world = await World.create();
  const { node } = world;
  prepare(node);
  attach(node, { conf: { ...MYNET, ...mynet } });
  attach(node, { containerId: "c2", conf: mapped([WEB], { ...MYNET, ...mynet }) });
  attach(node, { containerId: "c3", conf: { ...OTHERNET, isDefaultGateway: true, ...othernet } });
  node.sh("ip route add default via 192.168.50.2; ip -6 route add default via fd50::2");
  world.outside.sh(`ip route add 10.0.0.0/8 via ${NODE4}; ip route add fd00::/16 via ${NODE6}`);
  for (const place of ["c1", "c2", "c3", "node", "outside"]) await world.serve(place);
  return world;
}

/** Whether somebody answers over TCP; `isExpected`: whether that is worth a long wait. */
export function answers(world: World, from: string, target: string, isExpected: boolean): boolean {
  return !world.connect(from, `tcp ${target}`, isExpected ? {} : IN_VAIN).startsWith("no answer");
}
