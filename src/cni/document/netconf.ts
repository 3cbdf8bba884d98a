/** A configuration as users write it, field by field. */

import type {
  DnsConf,
  IpamConf,
  MacText,
  NetworkByName,
  PathText,
  PrefixText,
  Rates,
  TrunkItem,
  Tuning,
} from "./parts.ts";
import type { RuntimeConfig, UserArgs, ValidAttachment } from "./runtime-config.ts";

/** What podwire reads of its entry in `plugins`. */
export interface NetconfDocument extends Rates, Tuning, NetworkByName {
  /** Version of the specification: 0.1.0 to 1.1.0. Runtimes take it from the list. @default `0.1.0` */
  readonly cniVersion?: string;
  /** Name of the network. Runtimes take it from the list. */
  readonly name?: string;
  /** `podwire`, or the name that the executable is linked as; `loopback`: sets up `lo` in place of that plugin. */
  readonly type?: string;
  /**
   * `ptp`: the pod has a pair of its own with the node, which routes to each of its addresses and has the gateway's at
   * the other end; fields of a bridge's ports, `macspoofchk`, `raGuard` and `same-bridge` are refused beside it. @default `bridge`
   */
  readonly mode?: string;
  /** The bridge; made where it is missing, adopted where it exists, never removed. @default `cni0` */
  readonly bridge?: string;
  /** The bridge gets each range's gateway address, the node forwards. @default false */
  readonly isGateway?: boolean;
  /** `isGateway`, and the pod gets a default route by each family that has a gateway. @default false */
  readonly isDefaultGateway?: boolean;
  /**
   * `leave`: where the node is the gateway, `net.ipv4.ip_forward`, `net.ipv6.conf.all.forwarding` and those of interfaces
   * stay as they are, and `accept_ra` of uplinks too; ADD says on standard error which are 0. @default `ensure`
   */
  readonly forwarding?: string;
  /** Remove another address of the bridge that is in the way of the gateway's. @default false */
  readonly forceAddress?: boolean;
  /** Bytes, for bridge (when made) and pod; 0 takes the MTU of the interface with the node's default route. @default 0 */
  readonly mtu?: number;
  /**
   * Frames may leave through the port that they came from: a pod needs it for its own host port where
   * `net.bridge.bridge-nf-call-iptables` is 1; not together with `promiscMode`. @default false
   */
  readonly hairpinMode?: boolean;
  /** The bridge takes every frame. @default false */
  readonly promiscMode?: boolean;
  /** Isolated ports reach only ports that are not. @default false */
  readonly portIsolation?: boolean;
  /** VLAN of the pod, 1 to 4094, without a tag; with `isGateway` the node is in it by `<bridge>.<vlan>` while it has pods. @default 0 */
  readonly vlan?: number;
  /** VLANs of the pod with their tags; without `vlan` the rest is in VLAN 1. */
  readonly vlanTrunk?: readonly TrunkItem[];
  /** The pod stays in the bridge's default VLAN as well. @default false */
  readonly preserveDefaultVlan?: boolean;
  /** The pod's interface stays down; without `ipam` only. @default false */
  readonly disableContainerInterface?: boolean;
  /** Wait for duplicate address detection on the pod's IPv6 addresses; without it they are usable at once. @default false */
  readonly enabledad?: boolean;
  /** MAC address of the pod's interface; without it one of podwire's choice, on a virtual function that which it has. */
  readonly mac?: MacText;
  /** Resolver settings; they replace what the address management gives. */
  readonly dns?: DnsConf;
  /** Address management; none: the pod gets no address (layer 2 only). */
  readonly ipam?: IpamConf;
  /** What pods send to others than their network, multicast and `ipMasqExclude` leaves with the node's address. @default false */
  readonly ipMasq?: boolean;
  /** Networks, or addresses, that see the pods' own addresses. */
  readonly ipMasqExclude?: readonly PrefixText[];
  /** Masqueraded connections get source ports by chance, so that two which begin at once do not get the same; else the pod's own where it is free. @default true */
  readonly ipMasqFullyRandom?: boolean;
  /** Source ports of masqueraded connections, like `32768-60999`; without it any. */
  readonly ipMasqPorts?: string;
  /** `iptables` or `nftables`: the same traffic, always by nftables. */
  readonly ipMasqBackend?: string;
  /** The same for host ports. */
  readonly backend?: string;
  /** A pod reaches itself, and 127.0.0.1 reaches it, through its host ports. @default true */
  readonly snat?: boolean;
  /** Pods see the node's address behind every connection through their host ports. @default false */
  readonly masqAll?: boolean;
  /** Networks whose addresses no host port takes, though the node has them: Services (`10.96.0.0/12`). `hostIP` of a port comes before it. */
  readonly hostPortExclude?: readonly PrefixText[];
  /** Drop frames of the pod that do not bear its MAC address. @default false */
  readonly macspoofchk?: boolean;
  /**
   * Drop router advertisements (ICMPv6 type 134) that the pod sends to its bridge. Without the field: where the bridge is a
   * gateway, once a pod of the node has rules, and where the kernel can; `true`: always, else ADD fails; `false`: never.
   */
  readonly raGuard?: boolean;
  /** `same-bridge`: guarded bridges take nothing from each other; `isolated`: nor do pods of the bridge. @default `open` */
  readonly ingressPolicy?: string;
  /** Accept the bridge's packets in other programs' chains that drop forwarded ones (Docker), while it has pods. @default false */
  readonly forward?: boolean;
  /** Refused with code 2, as podwire has no rules by pod. */
  readonly conditionsV4?: unknown;
  /** Refused with code 2. */
  readonly conditionsV6?: unknown;
  /** Refused with code 2. */
  readonly markMasqBit?: unknown;
  /** Refused with code 2. */
  readonly externalSetMarkChain?: unknown;
  /** Where networks by name, tiers and endpoints are. @default `/etc/cni/net.d/podwire.d` */
  readonly configDir?: PathText;
  /** Of this node: members of a network group in another zone are not for its pods. */
  readonly zone?: string;
  /** STATUS answers code 50 also where no address, no virtual function or no port of the bridge is free. The node is NotReady then, and Kubernetes evicts the pods that fill it. @default false */
  readonly notReadyWhenFull?: boolean;
  /** How many networks by name a pod may ask for; each costs an address. 1 to 64. @default 16 */
  readonly maxEndpoints?: number;
  /** PCI address of the virtual function for the pod, where a device plugin chose it; wants a network of kind `sriov` on that card. */
  readonly deviceID?: string;
  /** A file that gets one JSON line for each call, in the format of pino; at 10 MiB it becomes `<logFile>.1`. */
  readonly logFile?: PathText;
  /** `error`: calls that failed alone; also `trace`, `debug`, `warn`, `fatal`, `silent`. @default `info` */
  readonly logLevel?: string;
  /** From the runtime; below. */
  readonly runtimeConfig?: RuntimeConfig;
  /** From the user, below `cni`; below. */
  readonly args?: UserArgs;
  /** From the runtime, for CHECK and DEL: what ADD gave. */
  readonly prevResult?: object;
  /** From the runtime, for GC: the attachments that are to stay. `null` is a list of none; without the field nothing is removed. */
  readonly "cni.dev/valid-attachments"?: readonly ValidAttachment[];
  /** The same, as libcni writes it. */
  readonly "cni.dev/attachments"?: readonly ValidAttachment[];
}
