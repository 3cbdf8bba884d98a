/** The fields of a configuration that concern a pod's traffic: masquerade, host ports, guards. */

import { ADDRESS_BITS, type Address, parseAddress } from "../../addr/address.ts";
import { networkOf, type Prefix, parsePrefix } from "../../addr/prefix.ts";
import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import {
  booleanField,
  type Fields,
  field,
  integerField,
  type KeyOf,
  type Located,
  listField,
  objectField,
  parsed,
  stringField,
  toFields,
} from "../../cni/json.ts";
import type { Netconf } from "../../cni/netconf.ts";
import type { Request } from "../../cni/request.ts";
import type { PortMapping } from "../../cni/runtime-config.ts";
import type { IngressPolicy } from "../../nftables/guards.ts";
import { type HostPort, type HostPorts, IPPROTO, type Protocol } from "../../nftables/host-ports.ts";
import type { Addressing } from "./ipam.ts";

/** What an attachment wants done with packets: in the record, so that it can be removed and put back from there. */
export interface Traffic {
  /** Destinations, beside the networks of its addresses, that a pod reaches under its own address; absent: all. */
  readonly kept?: readonly Prefix[];
  readonly hostPorts?: HostPorts;
  /** The one hardware address that a pod may send from. */
  readonly sender?: string;
  readonly ingressPolicy: IngressPolicy;
}

const BACKENDS = ["iptables", "nftables"];
const POLICIES: readonly string[] = ["open", "same-bridge", "isolated"] satisfies IngressPolicy[];
const LARGEST_PORT = 65_535;
const NOT_APPLICABLE = ["conditionsV4", "conditionsV6", "markMasqBit", "externalSetMarkChain"] as const;

/**
 * Undefined where nothing of it is asked for; `sender` is the pod's hardware address.
 * @throws {CniError} 2 for settings of iptables rules, 7 with the path of the field
 */
export function decodeTraffic(request: Request, addressing: Addressing, sender: string): Traffic | undefined {
  const { netconf } = request;
  refuseRuleSettings(netconf);
  const kept = decodeMasquerade(netconf, addressing);
  const hostPorts = decodeHostPorts(netconf);
  const ingressPolicy = decodeIngressPolicy(netconf);
  const isChecked = booleanField(netconf, "macspoofchk");
  if (kept === undefined && hostPorts === undefined && !isChecked && ingressPolicy === "open")
    return undefined;
  return {
    ...(kept === undefined ? {} : { kept }),
    ...(hostPorts === undefined ? {} : { hostPorts }),
    ...(isChecked ? { sender } : {}),
    ingressPolicy,
  };
}

function refuseRuleSettings(netconf: Fields<Netconf>): void {
  const present = NOT_APPLICABLE.filter((key) => field(netconf, key) !== undefined);
  if (present.length === 0) return;
  const problem = `${present.join(", ")}: podwire has no rules by pod that this could be put into`;
  throw new CniError(CNI_ERROR.unsupportedField, problem, "remove it; filter in a chain of your own");
}

/** The networks that the pod's own one consists of, and those that the user names. */
function decodeMasquerade(netconf: Fields<Netconf>, addressing: Addressing): Prefix[] | undefined {
  for (const key of ["ipMasqBackend", "backend"] as const) oneOf(netconf, key, BACKENDS);
  const excluded = (listField(netconf, "ipMasqExclude") ?? []).map((item) =>
    networkOf(parsed(item, parseExclusion, 'a network like "10.0.0.0/8" or "fd00::/8"')),
  );
  if (!booleanField(netconf, "ipMasq")) return undefined;
  const own = addressing.kind === "host-local" ? addressing.sets.flat() : [];
  return [...excluded, ...own.map(({ subnet }) => networkOf(subnet))];
}

/** A single address counts as a network of its own. */
function parseExclusion(text: string): Prefix | undefined {
  const address = parseAddress(text);
  return address === undefined ? parsePrefix(text) : { address, prefixLength: ADDRESS_BITS[address.family] };
}

/** The field's value, lower case, if it is one of these; undefined where it is absent or empty. */
function oneOf<T>(fields: Fields<T>, key: KeyOf<T>, allowed: readonly string[]): string | undefined {
  const value = stringField(fields, key);
  if (value === undefined || value === "") return undefined;
  if (allowed.includes(value)) return value;
  throw invalidNetconf(`${fields.path === "" ? "" : `${fields.path}.`}${key}`, allowed.join(", "), value);
}

export function decodeIngressPolicy(netconf: Fields<Netconf>): IngressPolicy {
  return (oneOf(netconf, "ingressPolicy", POLICIES) ?? "open") as IngressPolicy; // `as`: one of POLICIES
}

function decodeHostPorts(netconf: Fields<Netconf>): HostPorts | undefined {
  const snat = field(netconf, "snat") === undefined || booleanField(netconf, "snat");
  const masqAll = booleanField(netconf, "masqAll");
  const items = listField(objectField(netconf, "runtimeConfig"), "portMappings") ?? [];
  const mappings: HostPort[] = [];
  for (const item of items) {
    const mapping = decodeMapping(toFields(item));
    const other = mappings.find((earlier) => isSameHostPort(earlier, mapping));
    if (other === undefined) mappings.push(mapping);
    else if (other.containerPort !== mapping.containerPort) throw doubleMapping(item, mapping);
  }
  return mappings.length === 0 ? undefined : { mappings, snat, masqAll };
}

function decodeMapping(fields: Fields<PortMapping>): HostPort {
  const hostIp = decodeHostIp(fields);
  return {
    protocol: decodeProtocol(fields),
    hostPort: decodePort(fields, "hostPort"),
    containerPort: decodePort(fields, "containerPort"),
    ...(hostIp === undefined ? {} : { hostIp }),
  };
}

function decodePort(fields: Fields<PortMapping>, key: "hostPort" | "containerPort"): number {
  const port = integerField(fields, key, 1, LARGEST_PORT);
  if (port === undefined)
    throw invalidNetconf(`${fields.path}.${key}`, `a port from 1 to ${LARGEST_PORT}`, port);
  return port;
}

function decodeProtocol(fields: Fields<PortMapping>): Protocol {
  const text = (stringField(fields, "protocol") || "tcp").toLowerCase();
  if (Object.hasOwn(IPPROTO, text)) return text as Protocol; // `as`: a key of IPPROTO
  throw invalidNetconf(`${fields.path}.protocol`, Object.keys(IPPROTO).join(", "), text);
}

function decodeHostIp(fields: Fields<PortMapping>): Address | undefined {
  const located = field(fields, "hostIP");
  if (located === undefined || located.value === "") return undefined;
  return parsed(located, parseAddress, 'an address of the node, "0.0.0.0", "::" or nothing');
}

function isSameHostPort(a: HostPort, b: HostPort): boolean {
  const isSameIp = a.hostIp?.family === b.hostIp?.family && a.hostIp?.value === b.hostIp?.value;
  return isSameIp && a.protocol === b.protocol && a.hostPort === b.hostPort;
}

function doubleMapping(item: Located, { protocol, hostPort }: HostPort): CniError {
  const problem = `${item.path}: host port ${hostPort}/${protocol} leads to two container ports`;
  return new CniError(CNI_ERROR.invalidNetconf, problem, "want each host port once");
}
