/** Results from documents of each CNI version: a prevResult, or what a delegated plugin printed. */

import { parseAddress } from "../addr/address.ts";
import { parsePrefix } from "../addr/prefix.ts";
import { invalidNetconf } from "../error/cni-error.ts";
import {
  type Fields,
  field,
  integerField,
  listField,
  objectField,
  parsedField,
  stringField,
  stringListField,
  toFields,
} from "../json/fields.ts";
import type { Located } from "../json/located.ts";
import type { DnsConf, RouteConf } from "./document/parts.ts";
import {
  type Dns,
  type Interface,
  type IpConfig,
  type Result,
  ROUTE_SETTINGS,
  type RouteConfig,
} from "./result.ts";
import { type CniVersion, isAtLeast, requireSupported } from "./versions.ts";

const WANT_PREFIX = 'an address with prefix length like "10.1.0.5/16" or "fd00::5/64"';
const WANT_ADDRESS = 'an address like "10.1.0.1" or "fd00::1"';
const UINT8_MAX = 0xff;
const UINT32_MAX = 0xffff_ffff;

/**
 * Reads a result in the shape of its own `cniVersion`; one without has that of the configuration.
 * @throws {CniError} 1 unknown version, 7 with the path of the field
 */
export function decodeResult(located: Located, configVersion: CniVersion): Result {
  const fields = toFields(located);
  const version = requireSupported(stringField(fields, "cniVersion") || configVersion);
  const dns = decodeDns(objectField(fields, "dns"));
  if (!isAtLeast(version, "0.3.0")) return { ...decodeByFamily(fields), interfaces: [], dns };
  return {
    interfaces: (listField(fields, "interfaces") ?? []).map((item) => decodeInterface(toFields(item))),
    ips: (listField(fields, "ips") ?? []).map((item) => decodeIp(toFields(item), "address")),
    routes: (listField(fields, "routes") ?? []).map((item) => decodeRoute(toFields(item))),
    dns,
  };
}

function decodeByFamily(fields: Fields): { ips: IpConfig[]; routes: RouteConfig[] } {
  const families = ["ip4", "ip6"]
    .filter((key) => field(fields, key) !== undefined)
    .map((key) => objectField(fields, key));
  return {
    ips: families.map((family) => decodeIp(family, "ip")),
    routes: families.flatMap((family) =>
      (listField(family, "routes") ?? []).map((item) => decodeRoute(toFields(item))),
    ),
  };
}

function decodeInterface(fields: Fields): Interface {
  const texts = (["mac", "sandbox", "socketPath", "pciID"] as const).flatMap((key) => {
    const text = stringField(fields, key);
    return text === undefined || text === "" ? [] : [[key, text]];
  });
  const mtu = integerField(fields, "mtu", 0, UINT32_MAX);
  return { name: stringField(fields, "name") ?? "", ...Object.fromEntries(texts), ...(mtu ? { mtu } : {}) };
}

function decodeIp(fields: Fields, addressKey: string): IpConfig {
  const address = parsedField(fields, addressKey, parsePrefix, WANT_PREFIX);
  if (address === undefined) throw invalidNetconf(`${fields.path}.${addressKey}`, WANT_PREFIX, undefined);
  const gateway = parsedField(fields, "gateway", parseAddress, WANT_ADDRESS);
  const index = integerField(fields, "interface", -1, UINT32_MAX);
  return {
    address,
    ...(gateway === undefined ? {} : { gateway }),
    ...(index === undefined || index < 0 ? {} : { interface: index }),
  };
}

/** Reads one route of a result or of a configuration's `ipam.routes`. */
export function decodeRoute(fields: Fields<RouteConf>): RouteConfig {
  const dst = parsedField(fields, "dst", parsePrefix, WANT_PREFIX);
  if (dst === undefined) throw invalidNetconf(`${fields.path}.dst`, WANT_PREFIX, undefined);
  const gw = parsedField(fields, "gw", parseAddress, WANT_ADDRESS);
  const settings: { [K in (typeof ROUTE_SETTINGS)[number]]?: number } = {};
  for (const key of ROUTE_SETTINGS) {
    const value = integerField(fields, key, 0, key === "scope" ? UINT8_MAX : UINT32_MAX);
    if (value !== undefined) settings[key] = value;
  }
  return { dst, ...(gw && { gw }), ...settings };
}

/** Reads a `dns` object; fields that are absent stay absent. */
export function decodeDns(fields: Fields<DnsConf>): Dns {
  const domain = stringField(fields, "domain");
  const [nameservers, search, options] = [
    stringListField(fields, "nameservers"),
    stringListField(fields, "search"),
    stringListField(fields, "options"),
  ];
  return {
    ...(nameservers && { nameservers }),
    ...(domain && { domain }),
    ...(search && { search }),
    ...(options && { options }),
  };
}
