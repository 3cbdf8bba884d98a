/** The host ports of a pod: what the runtime hands over, and how the configuration wants them served. */

import { type Address, formatAddress, parseAddress } from "../../addr/address.ts";
import type { Prefix } from "../../addr/prefix.ts";
import { IPPROTO, type Protocol } from "../../addr/service.ts";
import { CniError, invalidNetconf } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { booleanField, type Fields, field, integerField, stringField, toFields } from "../../json/fields.ts";
import { type Located, parsed } from "../../json/located.ts";
import type { PortMapping } from "../document/runtime-config.ts";
import { decodeExclusions } from "./exclusions.ts";
import { allOf, type Places, PRECEDENCE } from "./precedence.ts";

export interface HostPortConfig {
  readonly protocol: Protocol;
  readonly hostPort: number;
  readonly containerPort: number;
  /** Absent: every address of the node. */
  readonly hostIp?: Address;
}

export interface HostPortsConfig {
  readonly mappings: readonly HostPortConfig[];
  readonly snat: boolean;
  readonly masqAll: boolean;
  /** Addresses of the node that a port without `hostIp` is not for; absent: none. */
  readonly except?: readonly Prefix[];
}

const LARGEST_PORT = 65_535;

/** Undefined where there is none. @throws {CniError} 7 with the path of the field */
export function decodeHostPorts(places: Places): HostPortsConfig | undefined {
  const { configuration } = places;
  const snat = field(configuration, "snat") === undefined || booleanField(configuration, "snat");
  const masqAll = booleanField(configuration, "masqAll");
  const except = decodeExclusions(configuration, "hostPortExclude");
  const byHostPort = new Map<string, HostPortConfig>();
  for (const item of allOf(PRECEDENCE.ports, places)) {
    const mapping = decodeMapping(toFields(item));
    const key = hostPortKey(mapping);
    const other = byHostPort.get(key);
    if (other === undefined) byHostPort.set(key, mapping);
    else if (other.containerPort !== mapping.containerPort) throw doubleMapping(item, mapping);
  }
  if (byHostPort.size === 0) return undefined;
  const mappings = [...byHostPort.values()];
  return { mappings, snat, masqAll, ...(except.length === 0 ? {} : { except }) };
}

function decodeMapping(fields: Fields<PortMapping>): HostPortConfig {
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

function hostPortKey({ hostIp, protocol, hostPort }: HostPortConfig): string {
  return `${hostIp === undefined ? "" : formatAddress(hostIp)} ${protocol} ${hostPort}`;
}

function doubleMapping(item: Located, { protocol, hostPort }: HostPortConfig): CniError {
  const problem = `${item.path}: host port ${hostPort}/${protocol} leads to two container ports`;
  return new CniError(CNI_ERROR.invalidNetconf, problem, "want each host port once");
}
