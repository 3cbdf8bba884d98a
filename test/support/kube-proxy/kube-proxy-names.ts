/** Names of the chains that kube-proxy makes for a Service: a piece of a hash, so that they fit and differ. */

import { createHash } from "node:crypto";

/** One port of a Service, and the pods behind it. */
export interface Service {
  /** NAMESPACE/NAME. */
  readonly name: string;
  /** Name of the port in the Service. */
  readonly portName: string;
  readonly protocol: "tcp" | "udp";
  readonly clusterIP: string;
  readonly port: number;
  /** Absent in a Service that the cluster alone reaches. */
  readonly nodePort?: number;
  readonly endpoints: readonly Endpoint[];
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** What kube-proxy is told about the cluster; addresses and prefixes of one family. */
export interface Cluster {
  readonly family: 4 | 6;
  readonly podPrefix: string;
  readonly servicePrefix: string;
  /** The node's own address, that NodePorts of nftables mode stand on. */
  readonly nodeAddress: string;
}

/** The mark of traffic that is to be masqueraded. */
export const MASQUERADE_MARK = "0x4000";

/** `NAMESPACE/NAME:PORT`, as kube-proxy calls it in comments. */
export function titleOf(service: Service): string {
  return `${service.name}:${service.portName}`;
}

/** `10.1.0.2:80` or `[fd00::2]:80`. */
export function endpointText({ address, port }: Endpoint): string {
  return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Chain of a Service in iptables mode: `KUBE-SVC-…` and `KUBE-EXT-…` bear the same hash. */
export function iptablesChain(kind: "SVC" | "EXT", service: Service): string {
  return `KUBE-${kind}-${hash(titleOf(service) + service.protocol, 16)}`;
}

/** Chain of one endpoint in iptables mode. */
export function iptablesEndpointChain(service: Service, endpoint: Endpoint): string {
  return `KUBE-SEP-${hash(titleOf(service) + service.protocol + endpointText(endpoint), 16)}`;
}

/** Chain of a Service in nftables mode: `service-HASH-NAMESPACE/NAME/PROTOCOL/PORT`. */
export function nftablesChain(kind: "service" | "external", service: Service): string {
  return `${kind}-${hashed(nftablesBase(service))}`;
}

/** Chain of one endpoint in nftables mode; colons, which chain names may not have, become dots. */
export function nftablesEndpointChain(service: Service, { address, port }: Endpoint): string {
  return `endpoint-${hashed(`${nftablesBase(service)}__${address.replaceAll(":", ".")}/${port}`)}`;
}

function nftablesBase({ name, protocol, portName }: Service): string {
  return `${name}/${protocol}/${portName}`;
}

function hashed(text: string): string {
  return `${hash(text, 8)}-${text}`;
}

/** The first characters of the SHA-256 sum in base 32, RFC 4648 section 6. */
function hash(text: string, length: number): string {
  const sum = createHash("sha256").update(text).digest();
  const bits = Array.from(sum, (byte) => byte.toString(2).padStart(8, "0")).join("");
  const digits = bits.match(/.{5}/g) ?? [];
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  return digits
    .slice(0, length)
    .map((digit) => alphabet[Number.parseInt(digit, 2)])
    .join("");
}
