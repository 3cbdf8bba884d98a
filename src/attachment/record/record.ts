/** What is written down of an attachment: all of its plan that CHECK, DEL, GC and repair have to know. */

import type { Address } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import type { PodName } from "../../cni/arguments.ts";
import type { Shaping } from "../../cni/netconf/shaping.ts";
import type { PortVlans } from "../../cni/netconf/vlan.ts";
import type { RouteConfig } from "../../cni/result.ts";
import type { VfSettings } from "../../sriov/vf-settings.ts";
import type { Attachment, OriginalNetdev } from "../attachment.ts";
import type { HostLocalDirectory } from "../plan/ipam.ts";
import type { LinkKind } from "../plan/plan.ts";
import type { SourceRoutes } from "../plan/pod-addressing.ts";
import type { Traffic } from "../plan/traffic.ts";
import type { InterfaceSettings } from "../plan/tuning.ts";

/** Who gave the addresses, with what is needed to give them back. */
export type RecordedAddressing =
  | { readonly kind: "none" }
  | HostLocalDirectory
  | { readonly kind: "delegate"; readonly plugin: string; readonly netconf: string };

/** What the pod got by asking for a network by name. */
export interface RecordedNetwork {
  readonly name: string;
  readonly tier: string;
  /** `namespace/name` of the persistent endpoint whose addresses it has. */
  readonly endpoint?: string;
}

/** An interface of the node that the pod's traffic goes through past the node's own stack. */
export interface RecordedUplink {
  readonly ifname: string;
  readonly vlan?: number;
  /** Sender of the pod's frames. */
  readonly mac: string;
  /** Rates are kept for that sender. */
  readonly isShaped?: true;
  /** Guaranteed to it; absent: nothing. */
  readonly minMbps?: number;
  /** At most; absent: no limit, or a record of an earlier version. */
  readonly maxMbps?: number;
}

/** A virtual function as it was before the pod got it. */
export interface RecordedVf {
  readonly pf: string;
  readonly index: number;
  readonly pciAddress: string;
  /** Absent where it had no interface. */
  readonly netdev?: OriginalNetdev;
  readonly driver: string;
  /** Absent where no driver had been set apart for it. */
  readonly driverOverride?: string;
  /** The pod's program drives it, so that the pod has no interface. */
  readonly isUserspace?: true;
  /** On the physical function. */
  readonly original: Partial<VfSettings>;
  /** What the attachment wants of them; in records of earlier versions only what somebody asked for. */
  readonly wanted: Partial<VfSettings>;
}

/** The pod's interface and its port on the node, as they were asked for. */
export interface RecordedInterface {
  /** Of the pod's interface; absent: that which the virtual function has. */
  readonly mac?: string;
  readonly isDown?: true;
  readonly isGateway?: true;
  /** Whether the node forwards is the operator's affair. */
  readonly leavesForwarding?: true;
  readonly hairpinMode?: true;
  readonly promiscMode?: true;
  readonly portIsolation?: true;
  /** Its port is in the group whose router advertisements are dropped; absent in records of earlier versions. */
  readonly raGuard?: true;
  /** Absent: the bridge need not know of VLANs. */
  readonly portVlans?: PortVlans;
  readonly settings: InterfaceSettings;
}

export interface AttachmentRecord extends Attachment {
  readonly kind: LinkKind;
  /** Absent where the runtime named none. */
  readonly pod?: PodName;
  /** Path of the container's network namespace at the time of ADD. */
  readonly netns: string;
  /** The veth end on the host; absent where there is none. */
  readonly hostIfname?: string;
  /** The bridge that it is a port of; absent where it is none. */
  readonly bridge?: string;
  /** The VLAN of the bridge that the node is a gateway of, by an interface of its own; absent: the bridge itself. */
  readonly gatewayVlan?: number;
  /** Bytes; absent: that of the physical function. */
  readonly mtu?: number;
  readonly addressing: RecordedAddressing;
  /** The pod's addresses with their prefix lengths; absent until a delegated plugin has given them. */
  readonly ips?: readonly Prefix[];
  /** The gateway of each address that has one; absent in records of earlier versions. */
  readonly gateways?: readonly Address[];
  /** Absent in records of earlier versions. */
  readonly routes?: readonly RouteConfig[];
  /** Absent where the pod's packets are left alone. */
  readonly traffic?: Traffic;
  /** Rules about the bridge stand in other programs' chains, and go with its last pod. */
  readonly forward?: true;
  /** Its packets are routed by a table of their own; absent on a pod's first interface. */
  readonly bySource?: SourceRoutes;
  /** Absent where the pod sends and gets as fast as it can. */
  readonly shaping?: Shaping;
  /** Absent in records of earlier versions. */
  readonly interface?: RecordedInterface;
  /** Absent on the configuration's own bridge. */
  readonly named?: RecordedNetwork;
  readonly uplink?: RecordedUplink;
  readonly vf?: RecordedVf;
  /** Interfaces that the same ADD made for this container: they go with this one. */
  readonly companions?: readonly string[];
  /** The interface that this one goes with. */
  readonly primary?: string;
  /** Time of ADD, ISO 8601. */
  readonly createdAt: string;
}
