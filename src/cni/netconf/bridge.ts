/** The fields of a configuration that concern its bridge and the pod's port on it. */

import { isIfname, WANT_IFNAME } from "../../addr/ifname.ts";
import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { booleanField, booleanFieldIfAny, type Fields, objectField, stringField } from "../../json/fields.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import { decodeInterface, type InterfaceConfig } from "./interface.ts";
import type { Places } from "./precedence.ts";
import { decodeIngressPolicy } from "./traffic.ts";
import { decodePortVlans, type PortVlans } from "./vlan.ts";

/** `default`: where the kernel has rules for bridges, and only beside other rules. */
export type RaGuard = "default" | "required";

export interface BridgeConfig extends InterfaceConfig {
  readonly bridge: string;
  /** Replace an address of the bridge that is in the way. */
  readonly forceAddress: boolean;
  /** Accept the bridge's packets in other programs' chains that drop what is forwarded. */
  readonly forward: boolean;
  readonly hairpinMode: boolean;
  readonly promiscMode: boolean;
  readonly portIsolation: boolean;
  /** Undefined: the pod may send router advertisements. */
  readonly raGuard: RaGuard | undefined;
  /** Absent: the bridge need not know of VLANs. */
  readonly portVlans?: PortVlans;
}

const DEFAULT_BRIDGE = "cni0";

/** @throws {CniError} 7 with the path of the field */
export function decodeBridge(places: Places): BridgeConfig {
  const { configuration } = places;
  const portVlans = decodePortVlans(configuration);
  const common = decodeInterface(places);
  const config: BridgeConfig = {
    ...common,
    bridge: decodeBridgeName(configuration),
    forceAddress: booleanField(configuration, "forceAddress"),
    forward: booleanField(configuration, "forward"),
    hairpinMode: booleanField(configuration, "hairpinMode"),
    promiscMode: booleanField(configuration, "promiscMode"),
    portIsolation:
      booleanField(configuration, "portIsolation") || decodeIngressPolicy(configuration) === "isolated",
    raGuard: decodeRaGuard(configuration, common),
    ...(portVlans === undefined ? {} : { portVlans }),
  };
  refuseContradictions(config, configuration);
  return config;
}

function decodeRaGuard(
  configuration: Fields<NetconfDocument>,
  { isGateway }: InterfaceConfig,
): RaGuard | undefined {
  const isAsked = booleanFieldIfAny(configuration, "raGuard");
  if (isAsked === undefined) return isGateway ? "default" : undefined;
  return isAsked ? "required" : undefined;
}

function refuseContradictions(config: BridgeConfig, configuration: Fields<NetconfDocument>): void {
  if (config.hairpinMode && config.promiscMode) {
    const problem = "hairpinMode and promiscMode: both are true, and frames would be delivered twice";
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want one of them");
  }
  const plugin = stringField(objectField(configuration, "ipam"), "type") ?? "";
  if (config.disableContainerInterface && plugin !== "") {
    const problem = "disableContainerInterface: an interface that stays down cannot have addresses";
    throw new CniError(CNI_ERROR.invalidNetconf, problem, "want no ipam.type beside it");
  }
}

function decodeBridgeName(configuration: Fields<NetconfDocument>): string {
  const name = stringField(configuration, "bridge") || DEFAULT_BRIDGE;
  if (!isIfname(name)) throw invalidNetconf("bridge", WANT_IFNAME, name);
  return name;
}

/** What of a bridge a removal has to know, where no record tells it. */
export interface GatewayConfig {
  readonly bridge: string;
  readonly isGateway: boolean;
  readonly portVlans?: PortVlans;
}

/** @throws {CniError} 7 with the path of the field */
export function decodeGateway({ configuration }: Places): GatewayConfig {
  const isGateway =
    booleanField(configuration, "isGateway") || booleanField(configuration, "isDefaultGateway");
  const portVlans = isGateway ? decodePortVlans(configuration) : undefined;
  return {
    bridge: decodeBridgeName(configuration),
    isGateway,
    ...(portVlans === undefined ? {} : { portVlans }),
  };
}
