/** The fields of a configuration that concern the bridge and the pod's interface on it. */

import { isIfname, WANT_IFNAME } from "../../addr/ifname.ts";
import { isStationMac, parseMac } from "../../addr/mac.ts";
import { LARGEST_MTU, SMALLEST_MTU } from "../../addr/mtu.ts";
import { readArguments } from "../../cni/arguments.ts";
import { decodeDns } from "../../cni/decode-result.ts";
import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import {
  booleanField,
  type Fields,
  field,
  integerField,
  type Located,
  objectField,
  parsed,
  stringField,
} from "../../cni/json.ts";
import type { Netconf } from "../../cni/netconf.ts";
import type { Request } from "../../cni/request.ts";
import type { Dns } from "../../cni/result.ts";
import type { PortVlans } from "../port-vlans.ts";
import { decodeIngressPolicy } from "./traffic.ts";
import { decodePortVlans } from "./vlan.ts";

/** What the pod's interface has, whatever it is attached to. */
export interface InterfaceConfig {
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  /** Bytes; 0 takes the MTU of the default route's interface, or of the uplink. */
  readonly mtu: number;
  readonly disableContainerInterface: boolean;
  /** Run duplicate address detection on the pod's IPv6 addresses. */
  readonly enabledad: boolean;
  /** Undefined leaves the choice to us. */
  readonly mac: string | undefined;
  /** Undefined leaves the resolver settings to the address management. */
  readonly dns: Dns | undefined;
}

export interface BridgeConfig extends InterfaceConfig {
  readonly bridge: string;
  /** Replace an address of the bridge that is in the way. */
  readonly forceAddress: boolean;
  /** Accept the bridge's packets in other programs' chains that drop what is forwarded. */
  readonly forward: boolean;
  readonly hairpinMode: boolean;
  readonly promiscMode: boolean;
  readonly portIsolation: boolean;
  /** Absent: the bridge need not know of VLANs. */
  readonly portVlans?: PortVlans;
}

const DEFAULT_BRIDGE = "cni0";

/** @throws {CniError} 7 with the path of the field, 4 for CNI_ARGS */
export function decodeBridgeConfig(request: Request): BridgeConfig {
  const { netconf } = request;
  const portVlans = decodePortVlans(netconf);
  const config: BridgeConfig = {
    ...decodeInterfaceConfig(request),
    bridge: decodeBridgeName(netconf),
    forceAddress: booleanField(netconf, "forceAddress"),
    forward: booleanField(netconf, "forward"),
    hairpinMode: booleanField(netconf, "hairpinMode"),
    promiscMode: booleanField(netconf, "promiscMode"),
    portIsolation: booleanField(netconf, "portIsolation") || decodeIngressPolicy(netconf) === "isolated",
    ...(portVlans === undefined ? {} : { portVlans }),
  };
  refuseContradictions(config, netconf);
  return config;
}

/** @throws {CniError} 7 with the path of the field, 4 for CNI_ARGS */
export function decodeInterfaceConfig(request: Request): InterfaceConfig {
  const { netconf } = request;
  const isDefaultGateway = booleanField(netconf, "isDefaultGateway");
  return {
    isGateway: booleanField(netconf, "isGateway") || isDefaultGateway,
    isDefaultGateway,
    mtu: decodeMtu(netconf),
    disableContainerInterface: booleanField(netconf, "disableContainerInterface"),
    enabledad: booleanField(netconf, "enabledad"),
    mac: decodeMac(request),
    dns: decodeOwnDns(netconf),
  };
}

function refuseContradictions(config: BridgeConfig, netconf: Fields<Netconf>): void {
  if (config.hairpinMode && config.promiscMode) {
    const problem = "hairpinMode and promiscMode: both are true, and frames would be delivered twice";
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want one of them");
  }
  if (config.disableContainerInterface && (stringField(objectField(netconf, "ipam"), "type") ?? "") !== "") {
    const problem = "disableContainerInterface: an interface that stays down cannot have addresses";
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want no ipam.type beside it");
  }
}

export function decodeBridgeName(netconf: Fields<Netconf>): string {
  const name = stringField(netconf, "bridge") || DEFAULT_BRIDGE;
  if (!isIfname(name)) throw invalidNetconf("bridge", WANT_IFNAME, name);
  return name;
}

function decodeMtu(netconf: Fields<Netconf>): number {
  const mtu = integerField(netconf, "mtu", 0, LARGEST_MTU) ?? 0;
  if (mtu !== 0 && mtu < SMALLEST_MTU[4])
    throw invalidNetconf("mtu", `0 or ${SMALLEST_MTU[4]} to ${LARGEST_MTU}`, mtu);
  return mtu;
}

/** The runtime's wish comes before the user's `args.cni.mac`, that before CNI_ARGS, and that before the configuration. */
function decodeMac(request: Request): string | undefined {
  const byRuntime = field(objectField(request.netconf, "runtimeConfig"), "mac");
  const byUser = field(objectField(objectField(request.netconf, "args"), "cni"), "mac");
  const byArgument = readArguments(request.args).get("MAC");
  const candidates: (Located | undefined)[] = [
    byRuntime,
    byUser,
    { path: "CNI_ARGS MAC", value: byArgument ?? "" },
    field(request.netconf, "mac"),
  ];
  const chosen = candidates.find((candidate) => candidate !== undefined && candidate.value !== "");
  return chosen === undefined
    ? undefined
    : parsed(chosen, parseStationMac, 'a unicast address like "c2:b0:57:49:47:f1"');
}

function parseStationMac(text: string): string | undefined {
  const mac = parseMac(text);
  return mac !== undefined && isStationMac(mac) ? mac : undefined;
}

/** The configuration's own resolver settings replace those of the address management as a whole, where it has any. */
function decodeOwnDns(netconf: Fields<Netconf>): Dns | undefined {
  const dns = decodeDns(objectField(netconf, "dns"));
  return Object.keys(dns).length === 0 ? undefined : dns;
}
