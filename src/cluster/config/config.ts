/** How a node takes part in a cluster: the member `cluster` of the agent's configuration. */

import type { Prefix } from "../../addr/prefix.ts";

/** Where nodes and their ranges come from. */
export type NodeOrigin = "files" | "kubernetes";
export const NODE_ORIGINS: readonly NodeOrigin[] = ["files", "kubernetes"];

/**
 * How pods' packets get to another node: `direct` by a route where both nodes are on one link; `vxlan` in UDP; `auto` direct
 * where that is possible, else by VXLAN.
 */
export type Transport = "auto" | "direct" | "vxlan";
export const TRANSPORTS: readonly Transport[] = ["auto", "direct", "vxlan"];

export interface VxlanConfig {
  /** VXLAN network identifier: the same on every node. */
  readonly vni: number;
  /** UDP port: the same on every node. */
  readonly port: number;
}

/** Which interface of the node the others' packets come to: by name, or that with an address in the network. */
export type UplinkChoice =
  | { readonly ifname: string; readonly network?: undefined }
  | { readonly network: Prefix; readonly ifname?: undefined };

export interface ClusterConfig {
  readonly nodes: NodeOrigin;
  readonly transport: Transport;
  readonly vxlan: VxlanConfig;
  /** Bytes; 0: worked out from uplink and transport. */
  readonly mtu: number;
  /** Absent: the interface that has the node's address, else that of the default route. */
  readonly uplink?: UplinkChoice;
  /** What all ranges of pods lie in, where that is known: packets to nobody end there. */
  readonly podRanges: readonly Prefix[];
  /** Whether pods' packets that leave the cluster get an address of the node. */
  readonly masquerade: boolean;
  /** Destinations outside of the cluster that see pods' own addresses. */
  readonly masqueradeExcept: readonly Prefix[];
}
