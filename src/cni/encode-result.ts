/** Results as documents of each CNI version. */

import { formatAddress } from "../addr/address.ts";
import { formatPrefix } from "../addr/prefix.ts";
import { CniError } from "../error/cni-error.ts";
import { CNI_ERROR } from "../error/code.ts";
import type { Dns, Interface, IpConfig, Result, RouteConfig } from "./result.ts";
import { type CniVersion, isAtLeast } from "./versions.ts";

/**
 * The result in the shape of `version`, ready for JSON.stringify.
 * @throws {CniError} 7 where an old version cannot express it
 * @see SPEC.md of each version, "Result"
 */
export function encodeResult(result: Result, version: CniVersion): object {
  if (!isAtLeast(version, "0.3.0")) return encodeByFamily(result, version);
  const isModern = isAtLeast(version, "1.0.0");
  const isLatest = isAtLeast(version, "1.1.0");
  return {
    cniVersion: version,
    ...unlessEmpty(
      "interfaces",
      result.interfaces.map((entry) => encodeInterface(entry, isLatest)),
    ),
    ...unlessEmpty(
      "ips",
      result.ips.map((ip) => encodeIp(ip, isModern)),
    ),
    ...unlessEmpty("routes", result.routes.map(encodeRoute)),
    ...encodeDns(result.dns, isModern),
  };
}

/** Versions 0.1.0 and 0.2.0 have one address a family and no interfaces. */
function encodeByFamily(result: Result, version: CniVersion): object {
  const families = ([4, 6] as const).flatMap((family) => {
    const ip = result.ips.find((entry) => entry.address.address.family === family);
    if (ip === undefined) return [];
    const routes = result.routes.filter((route) => route.dst.address.family === family);
    const short = routes.map(({ dst, gw }) => encodeRoute(gw === undefined ? { dst } : { dst, gw }));
    return [
      [`ip${family}`, { ip: formatPrefix(ip.address), ...gatewayOf(ip), ...unlessEmpty("routes", short) }],
    ];
  });
  if (families.length === 0) {
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      `cniVersion "${version}" cannot express a result without addresses`,
    );
  }
  return { cniVersion: version, ...Object.fromEntries(families), ...encodeDns(result.dns, false) };
}

function encodeInterface({ name, mac, sandbox, ...rest }: Interface, isLatest: boolean): object {
  const base = { name, ...(mac === undefined ? {} : { mac }), ...(sandbox === undefined ? {} : { sandbox }) };
  return isLatest ? { ...base, ...rest } : base;
}

function encodeIp(ip: IpConfig, isModern: boolean): object {
  return {
    ...(isModern ? {} : { version: String(ip.address.address.family) }),
    ...(ip.interface === undefined ? {} : { interface: ip.interface }),
    address: formatPrefix(ip.address),
    ...gatewayOf(ip),
  };
}

function gatewayOf(ip: IpConfig): { gateway?: string } {
  return ip.gateway === undefined ? {} : { gateway: formatAddress(ip.gateway) };
}

function encodeRoute(route: RouteConfig): object {
  const { dst, gw, ...settings } = route;
  return { dst: formatPrefix(dst), ...(gw && { gw: formatAddress(gw) }), ...settings };
}

/** Without empty lists; without anything in it, only versions before 1.0.0 print it. */
function encodeDns(dns: Dns, isModern: boolean): object {
  const printed: Record<string, string | readonly string[]> = {};
  for (const [key, value] of Object.entries(dns)) if (value.length > 0) printed[key] = value;
  return isModern && Object.keys(printed).length === 0 ? {} : { dns: printed };
}

function unlessEmpty(key: string, list: readonly object[]): object {
  return list.length === 0 ? {} : { [key]: list };
}
