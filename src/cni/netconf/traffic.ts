/** The fields of a configuration that concern a pod's traffic: masquerade, isolation, anti-spoofing. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { booleanField, type Fields, field, oneOfField } from "../../json/fields.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import { decodeHostPorts, type HostPortsConfig } from "./host-ports.ts";
import { decodeMasquerade, type MasqueradeConfig } from "./masquerade.ts";
import type { Places } from "./precedence.ts";

export type IngressPolicy = "open" | "same-bridge" | "isolated";

export interface TrafficConfig {
  /** Absent: the pod's packets keep its address. */
  readonly masquerade?: MasqueradeConfig;
  readonly hostPorts?: HostPortsConfig;
  /** The pod may send from its own MAC address alone. */
  readonly macspoofchk: boolean;
  readonly ingressPolicy: IngressPolicy;
}

const POLICIES: readonly string[] = ["open", "same-bridge", "isolated"] satisfies IngressPolicy[];
const NOT_APPLICABLE = ["conditionsV4", "conditionsV6", "markMasqBit", "externalSetMarkChain"] as const;

/** @throws {CniError} 2 for settings of iptables rules, 7 with the path of the field */
export function decodeTraffic(places: Places): TrafficConfig {
  const { configuration } = places;
  refuseRuleSettings(configuration);
  const masquerade = decodeMasquerade(configuration);
  const hostPorts = decodeHostPorts(places);
  return {
    ...(masquerade === undefined ? {} : { masquerade }),
    ...(hostPorts === undefined ? {} : { hostPorts }),
    ingressPolicy: decodeIngressPolicy(configuration),
    macspoofchk: booleanField(configuration, "macspoofchk"),
  };
}

function refuseRuleSettings(configuration: Fields<NetconfDocument>): void {
  const present = NOT_APPLICABLE.filter((key) => field(configuration, key) !== undefined);
  if (present.length === 0) return;
  const problem = `${present.join(", ")}: podwire has no rules by pod that this could be put into`;
  throw new CniError(CNI_ERROR.unsupportedField, problem, "remove it; filter in a chain of your own");
}

export function decodeIngressPolicy(configuration: Fields<NetconfDocument>): IngressPolicy {
  return (oneOfField(configuration, "ingressPolicy", POLICIES) ?? "open") as IngressPolicy; // `as`: one of POLICIES
}
