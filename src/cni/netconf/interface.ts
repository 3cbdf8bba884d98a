/** The fields of a configuration that every pod's interface has, whatever it is attached to. */

import { isStationMac, parseMac } from "../../addr/mac.ts";
import { LARGEST_MTU, SMALLEST_MTU } from "../../addr/mtu.ts";
import { invalidNetconf } from "../../error/cni-error.ts";
import { booleanField, type Fields, integerField, objectField, stringField } from "../../json/fields.ts";
import { parsed } from "../../json/located.ts";
import { decodeDns } from "../decode-result.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import type { Dns } from "../result.ts";
import { firstOf, type Places, PRECEDENCE } from "./precedence.ts";

export interface InterfaceConfig {
  readonly isGateway: boolean;
  readonly isDefaultGateway: boolean;
  /** Whether the node forwards is the operator's affair. */
  readonly leavesForwarding: boolean;
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

/** @throws {CniError} 7 with the path of the field */
export function decodeInterface(places: Places): InterfaceConfig {
  const { configuration } = places;
  const isDefaultGateway = booleanField(configuration, "isDefaultGateway");
  return {
    isGateway: booleanField(configuration, "isGateway") || isDefaultGateway,
    isDefaultGateway,
    leavesForwarding: decodeForwarding(configuration),
    mtu: decodeMtu(configuration),
    disableContainerInterface: booleanField(configuration, "disableContainerInterface"),
    enabledad: booleanField(configuration, "enabledad"),
    mac: decodeMac(places),
    dns: decodeOwnDns(configuration),
  };
}

function decodeForwarding(configuration: Fields<NetconfDocument>): boolean {
  const forwarding = stringField(configuration, "forwarding") || "ensure";
  if (forwarding === "ensure" || forwarding === "leave") return forwarding === "leave";
  throw invalidNetconf("forwarding", '"ensure" or "leave"', forwarding);
}

function decodeMtu(configuration: Fields<NetconfDocument>): number {
  const mtu = integerField(configuration, "mtu", 0, LARGEST_MTU) ?? 0;
  if (mtu !== 0 && mtu < SMALLEST_MTU[4])
    throw invalidNetconf("mtu", `0 or ${SMALLEST_MTU[4]} to ${LARGEST_MTU}`, mtu);
  return mtu;
}

function decodeMac(places: Places): string | undefined {
  const located = firstOf(PRECEDENCE.mac, places);
  return located && parsed(located, parseStationMac, 'a unicast address like "c2:b0:57:49:47:f1"');
}

function parseStationMac(text: string): string | undefined {
  const mac = parseMac(text);
  return mac !== undefined && isStationMac(mac) ? mac : undefined;
}

/** The configuration's own resolver settings replace those of the address management as a whole, where it has any. */
function decodeOwnDns(configuration: Fields<NetconfDocument>): Dns | undefined {
  const dns = decodeDns(objectField(configuration, "dns"));
  return Object.keys(dns).length === 0 ? undefined : dns;
}
