/** What one ADD is going to do, decided before anything is done. */

import { checkArguments } from "../cni/arguments.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import { objectField, stringField } from "../cni/json.ts";
import type { Request } from "../cni/request.ts";
import { isAtLeast } from "../cni/versions.ts";
import type { BridgeAttach, MacvlanAttach, SriovAttach } from "../network/model.ts";
import { type Attachment, aliasOf, hostIfnameOf, macsOf } from "./attachment.ts";
import type { Chosen } from "./choice.ts";
import { type BridgeConfig, decodeBridgeConfig, type InterfaceConfig } from "./config/bridge.ts";
import { decodeInterfaceSettings, type InterfaceSettings } from "./config/interface.ts";
import { type Addressing, decodeAddressing } from "./config/ipam.ts";
import { decodeShaping, type Shaping } from "./config/shaping.ts";
import { decodeTraffic, type Traffic } from "./config/traffic.ts";

/** A veth pair between the pod and a bridge. */
export interface BridgePlan extends BridgeConfig {
  readonly kind: "bridge";
  readonly hostIfname: string;
  readonly hostMac: string;
  readonly containerMac: string;
  /** The interface of the node that the bridge leads to; absent for a bridge of the node's own. */
  readonly uplink?: BridgeAttach & Segment;
}

/** The VLAN of a network on its uplink; absent: untagged. */
export interface Segment {
  readonly vlan?: number;
}

export interface MacvlanPlan {
  readonly kind: "macvlan";
  readonly containerMac: string;
  readonly uplink: MacvlanAttach & Segment;
}

export interface SriovPlan {
  readonly kind: "sriov";
  readonly attach: SriovAttach;
  /** PCI address that somebody else has chosen; absent: ours to choose. */
  readonly deviceId?: string;
  /** Absent leaves the VF its own. */
  readonly containerMac?: string;
}

export type LinkPlan = BridgePlan | MacvlanPlan | SriovPlan;

export interface AttachmentPlan<L extends LinkPlan = LinkPlan> {
  readonly attachment: Attachment;
  readonly config: InterfaceConfig;
  readonly addressing: Addressing;
  /** Undefined where the pod's packets are left alone. */
  readonly traffic: Traffic | undefined;
  readonly settings: InterfaceSettings;
  /** Undefined where nothing is shaped. */
  readonly shaping: Shaping | undefined;
  /** ifalias of what is made. */
  readonly alias: string;
  readonly link: L;
  /** The network by name that the pod asked for; undefined: the configuration's own bridge. */
  readonly chosen?: Chosen;
}

/**
 * The attachment to the configuration's own bridge.
 * @throws {CniError} 2, 4 or 7: the configuration or CNI_ARGS cannot be followed
 */
export function planOwnBridge(request: Request): AttachmentPlan<BridgePlan> {
  checkArguments(request.args);
  refuseDevice(request);
  const attachment = attachmentOf(request);
  const config = decodeBridgeConfig(request);
  const addressing = decodeAddressing(request);
  requireExpressible(request, addressing);
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  return {
    attachment,
    config,
    addressing,
    traffic: decodeTraffic(request, addressing, containerMac),
    settings: decodeInterfaceSettings(request),
    shaping: decodeShaping(request.netconf),
    alias: aliasOf(attachment),
    link: {
      ...config,
      kind: "bridge",
      hostIfname: hostIfnameOf(attachment),
      hostMac: macs.host,
      containerMac,
    },
  };
}

export function attachmentOf(request: Request): Attachment {
  return { network: request.network, containerId: request.containerId, ifname: request.ifname };
}

/** PCI address that a device plugin has given, through Multus or as a capability; undefined where none has. */
export function deviceIdOf({ netconf }: Request): string | undefined {
  const byCapability = stringField(objectField(netconf, "runtimeConfig"), "deviceID");
  return byCapability || stringField(netconf, "deviceID") || undefined;
}

/** A pod that has asked for a card must not find itself on a bridge. */
function refuseDevice(request: Request): void {
  const given = deviceIdOf(request);
  if (given === undefined) return;
  const problem = `deviceID: ${given} is given, and no network that takes it: the pod would get a bridge`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want the field "network" with the name of one with --attach sriov, or no resource of a device plugin',
  );
}

/** Results of the first versions are made of addresses: without any there would be nothing to print in the end. */
function requireExpressible(request: Request, addressing: Addressing): void {
  if (addressing.kind !== "none" || isAtLeast(request.cniVersion, "0.3.0")) return;
  const problem = `ipam: cniVersion "${request.cniVersion}" cannot express a result without addresses`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want an ipam section, or cniVersion "0.3.1" or later',
  );
}
