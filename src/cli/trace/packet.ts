/** The packet whose way is asked for. */

import { type Address, type Family, formatAddress, parseAddress, parseDecimal } from "../../addr/address.ts";
import { IPPROTO, type Protocol, type Service } from "../../addr/service.ts";
import { misused } from "../failure.ts";

export interface Packet {
  readonly src: Address;
  readonly dst: Address;
  readonly service?: Service | undefined;
  /** The destination was a host port of this node. */
  readonly isTranslated: boolean;
}

/** Where a way goes without a destination: addresses that are kept for documents (RFC 5737, RFC 3849). */
export const OUTSIDE = { 4: "192.0.2.1", 6: "2001:db8::1" } as const;

/** Without text: an address outside, of the family that the pod has, IPv4 before IPv6. @throws {Failure} */
export function parseDestination(text: string | undefined, families: readonly Family[]): Address {
  const wanted = text ?? OUTSIDE[families.includes(4) || families.length === 0 ? 4 : 6];
  const address = parseAddress(wanted);
  if (address !== undefined) return address;
  throw misused(
    `"${wanted}" is no address`,
    "want an IPv4 or IPv6 address; podwire attachments shows those of pods",
  );
}

const LARGEST_PORT = 65_535;

/** `80`, `80/tcp`, `53/udp`. @throws {Failure} */
export function parseService(text: string): Service {
  const [number = "", name = "tcp", ...others] = text.split("/");
  const port = parseDecimal(number, LARGEST_PORT);
  const protocol = name.toLowerCase();
  if (port !== undefined && port > 0 && others.length === 0 && Object.hasOwn(IPPROTO, protocol))
    return { port, protocol: protocol as Protocol }; // `as`: a key of IPPROTO
  throw misused(`--port ${text}: want a port and one of ${Object.keys(IPPROTO).join(", ")}`, "like 80/tcp");
}

/** `10.1.0.5`, `10.1.0.5 port 80/tcp`. */
export function describeDestination({ dst, service }: Pick<Packet, "dst" | "service">): string {
  const address = formatAddress(dst);
  return service === undefined ? address : `${address} port ${service.port}/${service.protocol}`;
}
