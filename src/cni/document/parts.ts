/**
 * Parts of a configuration as users write it. docs/configuration.md is made from these texts, and the compiler lets
 * nobody read a field that is not here.
 */

/** Like `10.1.0.1` or `fd00::1`. */
export type AddressText = string;
/** Like `10.1.0.0/16` or `fd00::/64`. */
export type PrefixText = string;
/** Absolute. */
export type PathText = string;
/** Like `c2:b0:57:49:47:f1`, unicast. */
export type MacText = string;

/** Rates in bits a second, from the pod's side: ingress is what it gets, egress what it sends. */
export interface Rates {
  /** Bits a second that the pod gets at most; 0 is no limit. @default 0 */
  readonly ingressRate?: number;
  /** Bits that may be sent at once; without it those of 10 ms at the rate, at least 256 kbit. */
  readonly ingressBurst?: number;
  /** Bits a second that the pod sends at most; 0 is no limit. @default 0 */
  readonly egressRate?: number;
  /** The same as `ingressBurst` for what the pod sends. */
  readonly egressBurst?: number;
}

/** The pod's interface and its kernel parameters. */
export interface Tuning {
  /**
   * Kernel parameters below `net.` in the pod, by name; `IFNAME` stands for its interface.
   * `/etc/cni/tuning/allowlist.conf` may restrict them.
   */
  readonly sysctl?: Readonly<Record<string, string>>;
  /** The pod's interface takes every frame. @default false */
  readonly promisc?: boolean;
  /** The pod's interface takes every multicast frame. @default false */
  readonly allmulti?: boolean;
  /** Length of its queue in packets; without it the kernel's own. */
  readonly txQLen?: number;
}

/** A network by name instead of the configuration's own bridge. */
export interface NetworkByName {
  /** Network by name for pods that ask for none; `none`: the bridge of this configuration, even if there is a default network. */
  readonly network?: string;
  /** Performance tier of these pods; without `network` it is for the default network, and an error if there is none. @default `best-effort` */
  readonly perfTier?: string;
}

/** Settings of the pod's resolver. */
export interface DnsConf {
  /** Addresses of name servers. */
  readonly nameservers?: readonly AddressText[];
  /** The pod's own domain. */
  readonly domain?: string;
  /** Domains that short names are looked for in. */
  readonly search?: readonly string[];
  /** As in resolv.conf(5). */
  readonly options?: readonly string[];
}

/** VLANs with their tags: a range, one VLAN, or both. */
export interface TrunkItem {
  /** First VLAN of a range. */
  readonly minID?: number;
  /** Last VLAN of the range. */
  readonly maxID?: number;
  /** One VLAN. */
  readonly id?: number;
}

/** One range of addresses. */
export interface RangeConf {
  /** The subnet of the range. */
  readonly subnet?: PrefixText;
  /** First address that is given. @default the one after the network's */
  readonly rangeStart?: AddressText;
  /** Last address that is given; network, broadcast, subnet-router and gateway addresses never are. @default the last one */
  readonly rangeEnd?: AddressText;
  /** Gateway of the range's addresses. @default the one after the network's */
  readonly gateway?: AddressText;
}

/** A route of the pod. */
export interface RouteConf {
  /** Destination. */
  readonly dst?: PrefixText;
  /** Next hop. @default the first gateway of the family */
  readonly gw?: AddressText;
  /** MTU towards the destination in bytes. */
  readonly mtu?: number;
  /** Largest TCP segment to announce, in bytes. */
  readonly advmss?: number;
  /** Metric. */
  readonly priority?: number;
  /** Routing table. */
  readonly table?: number;
  /** As in ip-route(8), by number. */
  readonly scope?: number;
}

/** Address management: podwire's own host-local, or any other plugin. */
export interface IpamConf extends RangeConf {
  /** `host-local` is built in; any other is a plugin in `CNI_PATH`, run as the specification says. */
  readonly type?: string;
  /** Each inner list is a range set, and the pod gets one address from each; `subnet` beside it is one more set, before them. */
  readonly ranges?: readonly (readonly RangeConf[])[];
  /** Routes of the pod. */
  readonly routes?: readonly RouteConf[];
  /** Where reservations are kept, a directory by network. @default `/var/lib/cni/networks` */
  readonly dataDir?: PathText;
  /** A resolv.conf whose settings go into the result. */
  readonly resolvConf?: PathText;
  /** Keep reservations of earlier boots; without it the first ADD after a boot frees them. @default false */
  readonly keepAcrossReboots?: boolean;
  /** Run the reference host-local from `CNI_PATH` instead. @default false */
  readonly delegate?: boolean;
}
