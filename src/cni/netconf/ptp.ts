/** What a configuration's own pods are attached by, and the fields of the mode that has no bridge. */

import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { booleanField, type Fields, field, objectField, stringField } from "../../json/fields.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import { decodeInterface, type InterfaceConfig } from "./interface.ts";
import type { Places } from "./precedence.ts";
import { decodeIngressPolicy } from "./traffic.ts";

/** `bridge`: a port of the node's bridge; `ptp`: a pair of its own, whose node end is routed. */
export type Mode = "bridge" | "ptp";

/** @throws {CniError} 7: there is no such mode */
export function decodeMode({ configuration }: Places): Mode {
  const mode = stringField(configuration, "mode") || "bridge";
  if (mode === "bridge" || mode === "ptp") return mode;
  throw invalidNetconf("mode", '"bridge" or "ptp"', mode);
}

export interface PtpConfig extends InterfaceConfig {
  /** Accept the pods' packets in other programs' chains that drop what is forwarded. */
  readonly forward: boolean;
}

/** Fields of a port on a bridge, with why none of them can hold. */
const WITHOUT_BRIDGE = {
  bridge: "there is no bridge",
  vlan: "there is no bridge that could tell VLANs apart",
  vlanTrunk: "there is no bridge that could tell VLANs apart",
  preserveDefaultVlan: "there is no bridge that could tell VLANs apart",
  hairpinMode: "there is no bridge, and the node sends a pod's packets back to it as it is",
  promiscMode: "there is no bridge",
  portIsolation: 'there is no bridge; "ingressPolicy": "isolated" keeps pods apart',
  forceAddress: "there is no bridge whose address could be in the way",
  macspoofchk: "what a pod sends goes to the node alone, which takes it from any MAC address",
  raGuard: "what a pod sends goes to the node alone, which takes no router advertisement of it",
  disableContainerInterface: "an interface that stays down has no routes",
} as const;

/**
 * The fields of the mode `ptp`. The node is always the gateway.
 * @throws {CniError} 7 with the path of a field that cannot hold
 */
export function decodePtp(places: Places): PtpConfig {
  const { configuration } = places;
  for (const [key, reason] of Object.entries(WITHOUT_BRIDGE))
    if (isSet(configuration, key as keyof typeof WITHOUT_BRIDGE)) throw refusal(key, reason); // `as`: a key of it
  if (decodeIngressPolicy(configuration) === "same-bridge")
    throw refusal("ingressPolicy", 'there is no bridge; want "open" or "isolated"');
  if (!stringField(objectField(configuration, "ipam"), "type"))
    throw refusal("ipam.type", "is missing: a pod is reached by the routes to its addresses");
  return {
    ...decodeInterface(places),
    isGateway: true,
    forward: booleanField(configuration, "forward"),
  };
}

/** False for what asks for nothing: false, 0, an empty text or list. */
function isSet(configuration: Fields<NetconfDocument>, key: keyof NetconfDocument): boolean {
  const value = field(configuration, key)?.value;
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

function refusal(key: string, reason: string): CniError {
  const problem = `${key}: in mode ptp ${reason}`;
  return new CniError(CNI_ERROR.invalidNetconf, problem, `want no ${key}, or "mode": "bridge"`);
}
