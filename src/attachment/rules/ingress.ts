/**
 * The ingress interface of pods: where their packets enter the node, their bridge, the node's interface in its VLAN, or
 * the node's end of a pod's own pair.
 */

import type { GatewayConfig } from "../../cni/netconf/bridge.ts";
import { listPortVlans } from "../../link/bridge-vlan.ts";
import { vlanIfnameOf } from "../../link/vlan.ts";
import { listDirectory } from "../../linux/directory.ts";
import { ignoringErrno } from "../../linux/error.ts";
import { readTextFileIfAny } from "../../linux/file.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import type { Attachment } from "../attachment.ts";
import { hostIfnameOf, isMark } from "../attachment.ts";
import type { AttachmentRecord } from "../record/record.ts";

export interface Ingress {
  /** The interface that rules about the pods' packets name. */
  readonly ifname: string;
  /** Empty where the interface is one pod's alone. */
  readonly bridge: string;
  /** Absent: the bridge itself, whatever the VLAN. */
  readonly vlan?: number;
}

function ingressOf(bridge: string, vlan: number | undefined): Ingress {
  return vlan === undefined
    ? { ifname: bridge, bridge }
    : { ifname: vlanIfnameOf(bridge, vlan), bridge, vlan };
}

/** The VLAN that the node is to be a gateway of; undefined where it is none, or that of the bridge itself. */
export function gatewayVlanOf(config: Omit<GatewayConfig, "bridge">): number | undefined {
  return config.isGateway ? config.portVlans?.own : undefined;
}

export function ingressOfConfig(config: GatewayConfig): Ingress {
  return ingressOf(config.bridge, gatewayVlanOf(config));
}

/** Of an attachment that does not go through the node, none. */
export function ingressOfRecord({ bridge, gatewayVlan, hostIfname }: LinkNames): Ingress {
  if (bridge !== undefined) return ingressOf(bridge, gatewayVlan);
  return hostIfname === undefined ? NO_INGRESS : ingressOfPair(hostIfname);
}

type LinkNames = Pick<AttachmentRecord, "bridge" | "gatewayVlan" | "hostIfname">;

/** `ifname`: the node's end of a pair that is no port of a bridge. */
function ingressOfPair(ifname: string): Ingress {
  return { ifname, bridge: "" };
}

/** Stands for one that nobody knows: no interface has this name. */
export const NO_INGRESS: Ingress = { ifname: "", bridge: "" };

interface Removed {
  readonly record: AttachmentRecord | undefined;
  readonly configured: { readonly ingress: Ingress };
}

/** The record knows best; without one the configuration says it. */
export function ingressOfRemoval({ record, configured }: Removed): Ingress {
  return record === undefined ? configured.ingress : ingressOfRecord(record);
}

/** Every one that the attachment may have had: without a record it may have been a pair of its own as well. */
export function ingressesOfRemoval(removal: Removed & { readonly attachment: Attachment }): Ingress[] {
  const likely = ingressOfRemoval(removal);
  return removal.record === undefined ? [likely, ingressOfPair(hostIfnameOf(removal.attachment))] : [likely];
}

/** True where a port of the bridge bears a pod's mark and carries the VLAN; uplinks, gateways, others' ports do not. */
export function hasPods(host: RouteSocket, { bridge, vlan }: Ingress): boolean {
  return listDirectory(`/sys/class/net/${bridge}/brif`).some(
    (port) => isMark(factOf(port, "ifalias")) && (vlan === undefined || carries(host, port, vlan)),
  );
}

function carries(host: RouteSocket, port: string, vlan: number): boolean {
  const ifindex = Number(factOf(port, "ifindex"));
  const list = () => (ifindex > 0 ? listPortVlans(host, ifindex) : []);
  return ignoringErrno(list, [], ...GOING).some(({ first, last }) => first <= vlan && vlan <= last);
}

/** Empty where the port is gone. */
function factOf(port: string, name: string): string {
  return ignoringErrno(() => readTextFileIfAny(`/sys/class/net/${port}/${name}`) ?? "", "", ...GOING);
}

/** What is said of a port that is removed at this moment. */
const GOING = ["ENODEV", "EINVAL"] as const;
