/** The fields of a configuration that concern a pod's traffic: masquerade, isolation, anti-spoofing. */

import { ADDRESS_BITS, parseAddress } from "../../addr/address.ts";
import { networkOf, type Prefix, parsePrefix } from "../../addr/prefix.ts";
import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { booleanField, type Fields, field, type KeyOf, listField, stringField } from "../../json/fields.ts";
import { parsed } from "../../json/located.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import { decodeHostPorts, type HostPortsConfig } from "./host-ports.ts";
import type { Places } from "./precedence.ts";

export type IngressPolicy = "open" | "same-bridge" | "isolated";

export interface TrafficConfig {
  /** Destinations that see the pod's own address, as the user names them; absent: there is no masquerade. */
  readonly masqueradeExcept?: readonly Prefix[];
  readonly hostPorts?: HostPortsConfig;
  /** The pod may send from its own MAC address alone. */
  readonly macspoofchk: boolean;
  readonly ingressPolicy: IngressPolicy;
}

const BACKENDS = ["iptables", "nftables"];
const POLICIES: readonly string[] = ["open", "same-bridge", "isolated"] satisfies IngressPolicy[];
const NOT_APPLICABLE = ["conditionsV4", "conditionsV6", "markMasqBit", "externalSetMarkChain"] as const;

/** @throws {CniError} 2 for settings of iptables rules, 7 with the path of the field */
export function decodeTraffic(places: Places): TrafficConfig {
  const { configuration } = places;
  refuseRuleSettings(configuration);
  const masqueradeExcept = decodeMasquerade(configuration);
  const hostPorts = decodeHostPorts(places);
  return {
    ...(masqueradeExcept === undefined ? {} : { masqueradeExcept }),
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

function decodeMasquerade(configuration: Fields<NetconfDocument>): Prefix[] | undefined {
  for (const key of ["ipMasqBackend", "backend"] as const) oneOf(configuration, key, BACKENDS);
  const excluded = (listField(configuration, "ipMasqExclude") ?? []).map((item) =>
    networkOf(parsed(item, parseExclusion, 'a network like "10.0.0.0/8" or "fd00::/8"')),
  );
  return booleanField(configuration, "ipMasq") ? excluded : undefined;
}

/** A single address counts as a network of its own. */
function parseExclusion(text: string): Prefix | undefined {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : { address, prefixLength: ADDRESS_BITS[address.family] };
}

/** The field's value if it is one of these; undefined where it is absent or empty. */
function oneOf<T>(fields: Fields<T>, key: KeyOf<T>, allowed: readonly string[]): string | undefined {
  const value = stringField(fields, key);
  if (value === undefined || value === "") return undefined;
  if (allowed.includes(value)) return value;
  throw invalidNetconf(`${fields.path === "" ? "" : `${fields.path}.`}${key}`, allowed.join(", "), value);
}

export function decodeIngressPolicy(configuration: Fields<NetconfDocument>): IngressPolicy {
  return (oneOf(configuration, "ingressPolicy", POLICIES) ?? "open") as IngressPolicy; // `as`: one of POLICIES
}
