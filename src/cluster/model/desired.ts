/** What the cluster needs of this node's kernel, as values: the drivers make it so. */

import type { Address } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";

/** A VXLAN interface: one for each family of addresses that tunnels go between. */
export interface Tunnel {
  readonly ifname: string;
  readonly mac: string;
  readonly vni: number;
  /** UDP. */
  readonly port: number;
  /** This node's end. */
  readonly local: Address;
  /** ifindex of the uplink. */
  readonly lower: number;
  /** Bytes. */
  readonly mtu: number;
  /** Its own addresses: senders of what the node itself sends to pods of others. */
  readonly addresses: readonly Address[];
  readonly peers: readonly TunnelPeer[];
}

/** The other end. */
export interface TunnelPeer {
  readonly mac: string;
  /** Where the outer packets go. */
  readonly node: Address;
  /** What routes name as their gateway. */
  readonly gateways: readonly Address[];
}

/** To pods of another node. */
export interface PeerRoute {
  readonly kind: "direct" | "tunnel";
  readonly dst: Prefix;
  readonly gateway: Address;
  /** ifindex of the uplink, or name of the tunnel. */
  readonly device: number | string;
  /** Bytes, where fewer than the interface's pass. */
  readonly mtu: number | undefined;
}

export interface Desired {
  readonly tunnels: readonly Tunnel[];
  readonly routes: readonly PeerRoute[];
  /** Networks of pods: what is for nobody ends here. */
  readonly blackholes: readonly Prefix[];
  /** Networks of all pods, as far as they are known: no masquerade between them. */
  readonly clusterRanges: readonly Prefix[];
  /** Destinations beside them that see pods' own addresses. */
  readonly unmasqueraded: readonly Prefix[];
}

export const NOTHING: Desired = {
  tunnels: [],
  routes: [],
  blackholes: [],
  clusterRanges: [],
  unmasqueraded: [],
};
