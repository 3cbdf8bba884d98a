/** A node of a cluster: what the others need to know of it to reach its pods. */

import type { Address, Family } from "../../addr/address.ts";
import { localMac } from "../../addr/mac.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { xxHash64 } from "../../linux/native.ts";

export interface ClusterNode {
  /** As Kubernetes names it; of a file as the file is called. */
  readonly name: string;
  /** Where the others' packets reach it: at most one of each family, at least one. */
  readonly addresses: readonly Address[];
  /** Networks of its pods; none where it has none yet. */
  readonly ranges: readonly Prefix[];
  /** Bytes that pass its uplink in one piece; absent: it has not said. */
  readonly mtu?: number;
  /** Of its ends of VXLAN tunnels. */
  readonly mac: string;
}

export function addressOf(
  { addresses }: Pick<ClusterNode, "addresses">,
  family: Family,
): Address | undefined {
  return addresses.find((address) => address.family === family);
}

/** The MAC address of a node that has not said any: the same on every node that works it out. */
export function macOfName(name: string): string {
  return localMac(xxHash64(`podwire node ${name}`, 0n));
}
