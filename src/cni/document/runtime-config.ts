/** What comes into a configuration from runtime and user, field by field. */

import type { AddressText, MacText, NetworkByName, RangeConf, Rates, Tuning } from "./parts.ts";

/** A port of the node that leads to one of the pod. */
export interface PortMapping {
  /** Port of the node. */
  readonly hostPort?: number;
  /** Port of the pod. */
  readonly containerPort?: number;
  /** `tcp`, `udp` or `sctp`. @default `tcp` */
  readonly protocol?: string;
  /** Address of the node; none, `0.0.0.0` or `::`: all of them but link-local ones, and of loopback 127.0.0.1 alone. */
  readonly hostIP?: AddressText;
}

/** What a runtime hands over for each capability that the configuration declares. */
export interface RuntimeConfig {
  /** Capability `mac`: MAC address of the pod's interface. */
  readonly mac?: MacText;
  /** Capability `ips`: addresses that the pod is to have, one from each range set. */
  readonly ips?: readonly AddressText[];
  /** Capability `ipRanges`: ranges before those of the configuration. */
  readonly ipRanges?: readonly (readonly RangeConf[])[];
  /** Capability `portMappings`: host ports. */
  readonly portMappings?: readonly PortMapping[];
  /** Capability `bandwidth`: rates, where the configuration has none itself. */
  readonly bandwidth?: Rates;
  /** PCI address of a virtual function, by Multus or a runtime. */
  readonly deviceID?: string;
  /** Capability of that name: the pod's annotations, where it asks for networks by name. */
  readonly "io.kubernetes.cri.pod-annotations"?: Readonly<Record<string, string>>;
}

/** `args`: what a user adds to one call. */
export interface UserArgs {
  /** The part that plugins read. */
  readonly cni?: CniArgs;
}

/** `args.cni`. */
export interface CniArgs extends Tuning, NetworkByName {
  /** MAC address of the pod's interface. */
  readonly mac?: MacText;
  /** Addresses that the pod is to have, one from each range set. */
  readonly ips?: readonly AddressText[];
}

/** One that is to stay. */
export interface ValidAttachment {
  /** As in CNI_CONTAINERID. */
  readonly containerID?: string;
  /** As in CNI_IFNAME. */
  readonly ifname?: string;
}
