/** Where pods' packets enter the node: their bridge, or the node's interface in their VLAN of it. */

import type { GatewayConfig } from "../cni/netconf/bridge.ts";
import { listPortVlans } from "../link/bridge-vlan.ts";
import { vlanIfnameOf } from "../link/vlan.ts";
import { listFolder, readTextFileIfAny, unlessErrno } from "../linux/file.ts";
import type { RouteSocket } from "../netlink/route/protocol.ts";
import { isMark } from "./attachment.ts";
import type { AttachmentRecord } from "./record.ts";

export interface Entry {
  /** The interface that rules about the pods' packets name. */
  readonly ifname: string;
  readonly bridge: string;
  /** Absent: the bridge itself, whatever the VLAN. */
  readonly vlan?: number;
}

function entryOf(bridge: string, vlan: number | undefined): Entry {
  return vlan === undefined
    ? { ifname: bridge, bridge }
    : { ifname: vlanIfnameOf(bridge, vlan), bridge, vlan };
}

/** The VLAN that the node is to be a gateway of; undefined where it is none, or that of the bridge itself. */
export function gatewayVlanOf(config: Omit<GatewayConfig, "bridge">): number | undefined {
  return config.isGateway ? config.portVlans?.own : undefined;
}

export function entryOfConfig(config: GatewayConfig): Entry {
  return entryOf(config.bridge, gatewayVlanOf(config));
}

export function entryOfRecord({ bridge, gatewayVlan }: AttachmentRecord): Entry {
  return entryOf(bridge, gatewayVlan);
}

/** Stands for one that nobody knows: no interface has this name. */
export const NO_ENTRY: Entry = { ifname: "", bridge: "" };

interface Removed {
  readonly record: AttachmentRecord | undefined;
  readonly configured: { readonly entry: Entry };
}

/** The record knows best; without one the configuration says it. */
export function entryOfRemoval({ record, configured }: Removed): Entry {
  return record === undefined ? configured.entry : entryOfRecord(record);
}

/** True where a port of the bridge bears a pod's mark and carries the VLAN; uplinks, gateways, others' ports do not. */
export function hasPods(host: RouteSocket, { bridge, vlan }: Entry): boolean {
  return listFolder(`/sys/class/net/${bridge}/brif`).some(
    (port) => isMark(factOf(port, "ifalias")) && (vlan === undefined || carries(host, port, vlan)),
  );
}

function carries(host: RouteSocket, port: string, vlan: number): boolean {
  const ifindex = Number(factOf(port, "ifindex"));
  const list = () => (ifindex > 0 ? listPortVlans(host, ifindex) : []);
  return unlessErrno(list, [], ...GOING).some(({ first, last }) => first <= vlan && vlan <= last);
}

/** Empty where the port is gone. */
function factOf(port: string, name: string): string {
  return unlessErrno(() => readTextFileIfAny(`/sys/class/net/${port}/${name}`) ?? "", "", ...GOING);
}

/** What is said of a port that is removed at this moment. */
const GOING = ["ENODEV", "EINVAL"] as const;
