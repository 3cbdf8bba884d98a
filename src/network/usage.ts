/** Usage of a network's addresses: total, and reserved or kept by endpoints. */

import { formatAddress } from "../addr/address.ts";
import { listDirectory } from "../linux/directory.ts";
import type { Endpoint, Network } from "./model.ts";

/** Where the addresses of named networks are reserved: a directory for each, in host-local's format. */
export const POOL_DIR = "/var/lib/cni/podwire";

/** Of one range. */
export interface RangeUsage {
  readonly total: bigint;
  /** Reserved by pods or kept by endpoints, each address once. */
  readonly used: number;
}

/** One for each range of the network. `reserved`: addresses as text; `endpoints`: of any network. */
export function usageOf(
  network: Network,
  reserved: readonly string[],
  endpoints: readonly Endpoint[],
): RangeUsage[] {
  const kept = endpoints
    .filter((endpoint) => endpoint.network === network.name)
    .flatMap((endpoint) => endpoint.addresses.map(formatAddress));
  const taken = kept.length === 0 ? reserved : [...new Set([...reserved, ...kept])];
  const inIpv6 = taken.filter((address) => address.includes(":")).length;
  return network.ranges.map(({ start, end }) => ({
    total: end.value - start.value + 1n,
    used: start.family === 6 ? inIpv6 : taken.length - inIpv6,
  }));
}

/**
 * The addresses that have a reservation, from the names of the files alone.
 *
 * Beside them lie `lock`, `boot_id`, `last_reserved_ip.N` and hidden drafts.
 */
export function listReserved(poolDir: string, network: string): string[] {
  return listDirectory(`${poolDir}/${network}`).filter(isAddressName);
}

/** No other file of the directory begins with a digit or has a colon in its name. */
function isAddressName(name: string): boolean {
  const first = name.charCodeAt(0);
  return (first >= 0x30 && first <= 0x39) || name.includes(":");
}
