/** A token bucket that holds less than a packet lets none through. */

import type { Shaping } from "../../cni/netconf/shaping.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { bucketOf } from "../../shaping/rate.ts";

const ETHERNET_HEADER = 14; // bytes, ETH_HLEN

/** @throws {CniError} 7 naming the burst; `mtu` in bytes */
export function requireMinBurst(shaping: Shaping | undefined, mtu: number | undefined): void {
  if (mtu === undefined) return;
  for (const direction of ["ingress", "egress"] as const) {
    const rate = shaping?.[direction];
    const wanted = (mtu + ETHERNET_HEADER) * 8;
    if (rate === undefined || bucketOf(rate).burst * 8 >= wanted) continue;
    const problem = `${direction}Burst: ${rate.burst} bits are less than one packet`;
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      problem,
      `want at least ${wanted}, or none for a sensible one`,
    );
  }
}
