/** The `ipam` section of a configuration with what runtime and user ask for beside it. */

import { type Address, parseAddress } from "../../addr/address.ts";
import { type Prefix, parsePrefix } from "../../addr/prefix.ts";
import { invalidNetconf } from "../../error/cni-error.ts";
import {
  booleanField,
  type Fields,
  listField,
  objectField,
  parsedField,
  stringField,
  toFields,
} from "../../json/fields.ts";
import { parsed } from "../../json/located.ts";
import { decodeRoute } from "../decode-result.ts";
import type { RangeConf } from "../document/parts.ts";
import type { RouteConfig } from "../result.ts";
import { allOf, type Places, PRECEDENCE } from "./precedence.ts";

/** Which address management a configuration names: all that a removal has to know. */
export type IpamConfig =
  | { readonly kind: "none" }
  | { readonly kind: "delegate"; readonly plugin: string }
  /** Absent `dataDir`: the usual directory. */
  | { readonly kind: "host-local"; readonly dataDir?: string };

/** One range as it stands there, not yet held against its subnet. */
export interface RangeConfig {
  /** `ipam.ranges[0][1]` */
  readonly path: string;
  readonly subnet: Prefix;
  readonly rangeStart: Address | undefined;
  readonly rangeEnd: Address | undefined;
  readonly gateway: Address | undefined;
}

export interface HostLocalConfig {
  /** One address comes from each inner list. */
  readonly ranges: readonly (readonly RangeConfig[])[];
  readonly routes: readonly RouteConfig[];
  /** Path of a resolv.conf whose settings go into the result; empty for none. */
  readonly resolvConf: string;
  readonly keepAcrossReboots: boolean;
}

const WANT_ADDRESS = 'an address like "10.1.0.5" or "fd00::5"';
const WANT_PREFIX = 'a network like "10.1.0.0/16" or "fd00::/64"';

/** @throws {CniError} 7 with the path of the field */
export function decodeIpam({ configuration }: Places): IpamConfig {
  const ipam = objectField(configuration, "ipam");
  const plugin = stringField(ipam, "type") ?? "";
  if (plugin === "") return { kind: "none" };
  if (plugin !== "host-local" || booleanField(ipam, "delegate")) return { kind: "delegate", plugin };
  const dataDir = stringField(ipam, "dataDir") || undefined;
  if (dataDir === undefined) return { kind: "host-local" };
  if (!dataDir.startsWith("/")) throw invalidNetconf("ipam.dataDir", "an absolute path", dataDir);
  return { kind: "host-local", dataDir };
}

/** What the built-in host-local has to know beside its kind. @throws {CniError} 7 with the path of the field */
export function decodeHostLocal(places: Places): HostLocalConfig {
  const ipam = objectField(places.configuration, "ipam");
  return {
    ranges: allOf(PRECEDENCE.ranges, places).map((set) => set.map(decodeRange)),
    routes: (listField(ipam, "routes") ?? []).map((item) => decodeRoute(toFields(item))),
    resolvConf: stringField(ipam, "resolvConf") ?? "",
    keepAcrossReboots: booleanField(ipam, "keepAcrossReboots"),
  };
}

/** @throws {CniError} 7 with the path of the field */
export function decodeRange(fields: Fields<RangeConf>): RangeConfig {
  const subnet = parsedField(fields, "subnet", parsePrefix, WANT_PREFIX);
  if (subnet === undefined) throw invalidNetconf(`${fields.path}.subnet`, WANT_PREFIX, undefined);
  const [rangeStart, rangeEnd, gateway] = (["rangeStart", "rangeEnd", "gateway"] as const).map((key) =>
    parsedField(fields, key, parseAddress, WANT_ADDRESS),
  );
  return { path: fields.path, subnet, rangeStart, rangeEnd, gateway };
}

/** Addresses asked for by name; prefix lengths are dropped. @throws {CniError} 7 with the place */
export function decodeRequestedAddresses(places: Places): Address[] {
  return allOf(PRECEDENCE.addresses, places).map((located) =>
    parsed(located, parseWithOrWithoutLength, 'an address like "10.1.0.5" or "10.1.0.5/16"'),
  );
}

function parseWithOrWithoutLength(text: string): Address | undefined {
  return parseAddress(text) ?? parsePrefix(text)?.address;
}
