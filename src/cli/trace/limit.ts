/** The hop through a rate limit: a token bucket on the pod's port, or for what the pod sends on an ifb device. */

import type { Link } from "../../link/link.ts";
import { findBucket, findRedirect } from "../../shaping/token-bucket.ts";
import { formatSize } from "../perf-tier/size.ts";
import type { Facts } from "./facts.ts";
import { type Hop, passes, stops } from "./hop.ts";

export interface Limit {
  /** The interface that keeps it; undefined where it is gone. */
  readonly link: Link | undefined;
  /** Bytes a second; undefined: the interface limits nothing. */
  readonly rate: number | undefined;
}

/** Of what the pod gets; undefined where there is none. */
export function readLimitIn({ host }: Facts, port: Link): Limit | undefined {
  const rate = findBucket(host, port.ifindex)?.rate;
  return rate === undefined ? undefined : { link: port, rate };
}

/** Of what the pod sends; undefined where it goes straight on. */
export function readLimitOut(facts: Facts, port: Link): Limit | undefined {
  const ifb = findRedirect(facts.host, port.ifindex);
  if (ifb === undefined) return undefined;
  return { link: facts.link(ifb), rate: findBucket(facts.host, ifb)?.rate };
}

const BITS = 8;

export function judgeLimit(limit: Limit | undefined): Hop[] {
  if (limit === undefined) return [];
  const { link, rate } = limit;
  if (link?.isUp !== true) {
    const name = link?.ifname ?? "an interface that is gone";
    const advice =
      link === undefined
        ? "delete the pod, so that its runtime starts it anew"
        : `ip link set dev ${link.ifname} up`;
    return [stops("limit", `what it sends is led through ${name}, which is not up`, advice)];
  }
  if (rate === undefined) return [passes("limit", `led through ${link.ifname}, without a limit`)];
  return [passes("limit", `at most ${formatSize(rate * BITS)}bit/s by the token bucket of ${link.ifname}`)];
}
