/** Addresses of the node that host ports leave to the node. */

import { type Address, addressToBytes, type Family, sameAddress } from "../../addr/address.ts";
import { isSinglePrefix, type Prefix, prefixCovers } from "../../addr/prefix.ts";
import { daddr } from "../../netlink/netfilter/packet-field.ts";
import { daddrIn, isNot, returns } from "../../netlink/netfilter/statement.ts";
import type { RuleDefinition } from "../tables/definition.ts";

/** 127.0.0.1, of 127.0.0.0/8. */
export const LOOPBACK: Address = { family: 4, value: 0x7f_00_00_01n };
export const LOOPBACK_PREFIX: Prefix = { address: LOOPBACK, prefixLength: 8 };

/**
 * Addresses of the node that a host port is for only where it names them: of loopback all but 127.0.0.1, where a node's
 * resolver listens, and ::1, from which the kernel sends nothing elsewhere; and link-local ones, where a node's DNS cache is.
 */
const KEPT: Readonly<Record<Family, readonly Prefix[]>> = {
  4: [LOOPBACK_PREFIX, { address: { family: 4, value: 0xa9fe_0000n }, prefixLength: 16 }],
  6: [
    { address: { family: 6, value: 1n }, prefixLength: 128 },
    { address: { family: 6, value: 0xfe80n << 112n }, prefixLength: 10 },
  ],
};

/**
 * True for destinations that are the node's, of which a host port without an address takes none; `except` as in the
 * pod's HostPorts.
 */
export function isLeftAlone(destination: Prefix, except: readonly Prefix[] = []): boolean {
  const isLoopback = isSinglePrefix(destination) && sameAddress(destination.address, LOOPBACK);
  const kept = isLoopback ? [] : KEPT[destination.address.family];
  return [...kept, ...except].some((prefix) => prefixCovers(prefix, destination));
}

export function keptRules(family: Family): RuleDefinition[] {
  return KEPT[family].map((prefix) => {
    // ip daddr 169.254.0.0/16 return; ip6 daddr ::1 return; ip6 daddr fe80::/10 return
    if (prefix !== LOOPBACK_PREFIX) return [...daddrIn(prefix), returns];
    // ip daddr 127.0.0.0/8 ip daddr != 127.0.0.1 return
    return [...daddrIn(prefix), ...isNot(daddr(family), addressToBytes(LOOPBACK)), returns];
  });
}
