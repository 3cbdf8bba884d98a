/** What one ADD is going to do, decided before anything is done. */

import { checkArguments } from "../../cni/arguments.ts";
import type { BridgeConfig, RaGuard } from "../../cni/netconf/bridge.ts";
import type { InterfaceConfig } from "../../cni/netconf/interface.ts";
import type { NetConf } from "../../cni/netconf/netconf.ts";
import type { Mode } from "../../cni/netconf/ptp.ts";
import type { Shaping } from "../../cni/netconf/shaping.ts";
import { type CniVersion, isAtLeast } from "../../cni/versions.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import type { BridgeAttach, MacvlanAttach, SriovAttach } from "../../network/model.ts";
import { type Attachment, aliasOf, hostIfnameOf, macsOf } from "../attachment.ts";
import type { PlanInput, ResolvedNetwork } from "./input.ts";
import { type Addressing, planAddressing } from "./ipam.ts";
import { planTraffic, type Traffic } from "./traffic.ts";
import { type InterfaceSettings, planTuning } from "./tuning.ts";

/** Both ends of a veth pair. */
interface VethEnds {
  readonly hostIfname: string;
  readonly hostMac: string;
  readonly containerMac: string;
}

/** A veth pair between the pod and a bridge. */
export interface BridgePlan extends BridgeConfig, VethEnds {
  readonly kind: "bridge";
  /** The interface of the node that the bridge leads to; absent for a bridge of the node's own. */
  readonly uplink?: BridgeAttach & Segment;
}

/** A veth pair between the pod and the node, which routes to it. */
export interface PtpPlan extends VethEnds {
  readonly kind: "ptp";
  /** Accept the pod's packets in other programs' chains that drop what is forwarded. */
  readonly forward: boolean;
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

export type LinkPlan = BridgePlan | PtpPlan | MacvlanPlan | SriovPlan;
export type LinkKind = LinkPlan["kind"];

const NAMES: Readonly<Record<LinkKind, true>> = { bridge: true, ptp: true, macvlan: true, sriov: true };
/** What carries the pod's traffic, by the name that records have for it. */
export const LINK_KINDS = Object.keys(NAMES) as LinkKind[]; // `as`: its keys

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
  /** The network by name that the pod asked for; undefined: what the configuration itself describes. */
  readonly resolved?: ResolvedNetwork;
}

/** What the configuration's own pods are attached by. */
export type OwnPlan = BridgePlan | PtpPlan;

/**
 * The attachment that the configuration itself describes.
 * @throws {CniError} 2, 4 or 7: the configuration or CNI_ARGS cannot be followed
 */
export function planOwn(input: PlanInput): AttachmentPlan<OwnPlan> {
  const { netconf, cniVersion } = input;
  checkArguments(input.args);
  refuseDevice(netconf.device);
  const attachment = attachmentOf(input);
  const { config, raGuard, toLink } = OWN[netconf.mode](netconf);
  const addressing = planAddressing(input, { ...config, mode: netconf.mode });
  requireExpressible(cniVersion, addressing);
  const macs = macsOf(attachment);
  const containerMac = config.mac ?? macs.container;
  return {
    attachment,
    config,
    addressing,
    traffic: planTraffic(netconf.traffic, addressing, { sender: containerMac, raGuard }),
    settings: planTuning(netconf.tuning, attachment.ifname),
    shaping: netconf.shaping,
    alias: aliasOf(attachment),
    link: toLink({ hostIfname: hostIfnameOf(attachment), hostMac: macs.host, containerMac }),
  };
}

/** What a mode makes of its fields. */
interface Own {
  readonly config: InterfaceConfig;
  readonly raGuard: RaGuard | undefined;
  toLink(ends: VethEnds): OwnPlan;
}

const OWN: Readonly<Record<Mode, (netconf: NetConf) => Own>> = {
  bridge({ bridge }) {
    const { raGuard } = bridge;
    return { config: bridge, raGuard, toLink: (ends) => ({ ...bridge, kind: "bridge", ...ends }) };
  },
  ptp({ ptp }) {
    const toLink = (ends: VethEnds) => ({ kind: "ptp", ...ends, forward: ptp.forward }) as const;
    return { config: ptp, raGuard: undefined, toLink };
  },
};

export function attachmentOf({ network, containerId, ifname }: Attachment): Attachment {
  return { network, containerId, ifname };
}

/** A pod that has asked for a card must not find itself on a bridge. */
function refuseDevice(device: string | undefined): void {
  if (device === undefined) return;
  const problem = `deviceID: ${device} is given, and no network that takes it: the pod would get a bridge`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want the field "network" with the name of one with --attach sriov, or no resource of a device plugin',
  );
}

/** Results of the first versions are made of addresses: without any there would be nothing to print in the end. */
function requireExpressible(cniVersion: CniVersion, addressing: Addressing): void {
  if (addressing.kind !== "none" || isAtLeast(cniVersion, "0.3.0")) return;
  const problem = `ipam: cniVersion "${cniVersion}" cannot express a result without addresses`;
  throw new CniError(
    CNI_ERROR.invalidNetconf,
    problem,
    'want an ipam section, or cniVersion "0.3.1" or later',
  );
}
