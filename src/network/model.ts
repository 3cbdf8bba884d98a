/** What an operator says of named networks, performance tiers and persistent endpoints. */

import type { Address } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";

/** Addresses `start` to `end`, both included, of `subnet`: those that pods get. */
export interface NetworkRange {
  readonly subnet: Prefix;
  readonly start: Address;
  readonly end: Address;
  /** Outside of the range. Present: pods reach the world through it, and the network is public. */
  readonly gateway?: Address;
}

/** VFs by index, both ends included. */
export interface VfRange {
  readonly first: number;
  readonly last: number;
}

/** A virtual function for each pod. */
export interface SriovAttach {
  readonly kind: "sriov";
  /** ifnames of the physical functions that VFs are taken from; at least one. */
  readonly pfs: readonly string[];
  /** Absent: all. */
  readonly vfs?: readonly VfRange[];
  /** vfio-pci: the pod gets no interface, but the PCI address of a VF that a program of its own drives. */
  readonly driver: "netdev" | "vfio-pci";
  /** Bind a VF to vfio-pci that has another driver, and back on removal. */
  readonly bind?: true;
  /** Absent: as the function has it, since cards differ. */
  readonly spoofchk?: boolean;
  /** Absent: off. */
  readonly trust?: boolean;
  /** Absent: auto. */
  readonly linkState?: "auto" | "enable" | "disable";
}

/** A port of a VLAN-aware bridge on an interface of the node. */
export interface BridgeAttach {
  readonly kind: "bridge";
  readonly uplink: string;
}

/** A macvlan interface on an interface of the node. */
export interface MacvlanAttach {
  readonly kind: "macvlan";
  readonly uplink: string;
}

export type Attach = SriovAttach | BridgeAttach | MacvlanAttach;

/** Of the kinds whose pods share an interface of the node. */
export type OnUplink = Extract<Attach, { readonly uplink: string }>;

/** The interface of the node that pods share; undefined where each has a function of a card. */
export function uplinkOf(attach: Attach): string | undefined {
  return "uplink" in attach ? attach.uplink : undefined;
}

export interface Network {
  readonly name: string;
  /** Free text, as `storage`; absent for most. */
  readonly type?: string;
  /** At most one for each family, at least one. */
  readonly ranges: readonly NetworkRange[];
  /** 1 to 4094; absent: untagged. */
  readonly vlan?: number;
  /** Priority of the VLAN tag, 0 to 7; absent: 0; SR-IOV only. */
  readonly vlanQos?: number;
  /** Absent: 802.1q; 802.1ad with SR-IOV only. */
  readonly vlanProto?: "802.1q" | "802.1ad";
  readonly group?: string;
  readonly zone?: string;
  /** Bytes; absent: that of the uplink or physical function. */
  readonly mtu?: number;
  readonly attach: Attach;
}

/** Rates of what a pod sends, in Mbit/s; figures for storage are kept and shown only. */
export interface PerfTier {
  readonly name: string;
  readonly minIops: number;
  readonly maxIops?: number;
  /** Guaranteed. */
  readonly minBandwidthMbps: number;
  readonly maxBandwidthMbps?: number;
  readonly labels?: Readonly<Record<string, string>>;
}

/** Addresses that stay with a name, whichever pod uses it. */
export interface Endpoint {
  readonly name: string;
  /** Of Kubernetes. */
  readonly namespace: string;
  readonly network: string;
  /** One for each family of the network, of its ranges. */
  readonly addresses: readonly Address[];
  readonly labels?: Readonly<Record<string, string>>;
}
