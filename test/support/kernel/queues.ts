/** The queues of a node's interfaces, asked with tc(8): never with our own decoder. */

import type { Node } from "../node/node.ts";
import { links } from "./kernel.ts";

// biome-ignore lint/suspicious/noExplicitAny: documents of tc, looked into by tests
type Document = any;

/** A token bucket in bytes and bytes a second. */
export interface PrintedBucket {
  readonly rate: number;
  readonly burst: number;
  readonly limit: number;
}

/** What the kernel counts a burst in, as a time at the bucket's rate (PSCHED_SHIFT in net/pkt_sched.h). */
const TICK_S = 64e-9;

/** The token bucket at the root of an interface; undefined where there is another queue. */
export function bucketAt(node: Node, ifname: string): PrintedBucket | undefined {
  const queues: Document[] = node.json(`tc -j -d -r qdisc show dev ${ifname}`);
  const bucket = queues.find(({ kind, root }) => kind === "tbf" && root);
  if (bucket === undefined) return undefined;
  const { rate, burst_raw: ticks, limit } = bucket.options;
  return { rate, burst: Math.round(Number.parseInt(ticks, 16) * TICK_S * rate), limit };
}

/** Where everything that comes in by an interface goes: interfaces, each with what matches. */
export function redirectsAt(node: Node, ifname: string): { to: string; protocol: string; mask: string }[] {
  const filters: Document[] = node.json(`tc -j -d filter show dev ${ifname} parent ffff:`);
  return filters.flatMap(({ protocol, options }) =>
    (options?.actions ?? []).map((action: Document) => ({
      to: action.to_dev,
      protocol,
      mask: options.match.mask,
    })),
  );
}

/** Names of the ifb devices. */
export function ifbsOf(node: Node): string[] {
  return links(node)
    .filter(({ linkinfo }) => linkinfo?.info_kind === "ifb")
    .map(({ ifname }) => ifname);
}
