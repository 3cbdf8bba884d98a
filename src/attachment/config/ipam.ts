/** The `ipam` section of a configuration with what runtime and user ask for beside it. */

import { type Address, parseAddress } from "../../addr/address.ts";
import { parsePrefix } from "../../addr/prefix.ts";
import { readArguments } from "../../cni/arguments.ts";
import { decodeRoute } from "../../cni/decode-result.ts";
import { CNI_ERROR, CniError, invalidNetconf } from "../../cni/error.ts";
import {
  booleanField,
  type Fields,
  field,
  type Located,
  listField,
  objectField,
  parsed,
  parsedField,
  stringField,
  toFields,
  toItems,
} from "../../cni/json.ts";
import type { IpamConf, RangeConf } from "../../cni/netconf-parts.ts";
import type { Request } from "../../cni/request.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { isAtLeast } from "../../cni/versions.ts";
import { checkRangeSets, InvalidRange, type RangeSet, toRange } from "../../ipam/range.ts";
import { DEFAULT_DATA_DIR } from "../../ipam/store.ts";

export interface HostLocal {
  readonly kind: "host-local";
  readonly dataDir: string;
  /** Whose reservations: a folder below `dataDir`. */
  readonly network: string;
  readonly sets: readonly RangeSet[];
  readonly requested: readonly Address[];
  readonly routes: readonly RouteConfig[];
  /** Path of a resolv.conf whose settings go into the result; empty for none. */
  readonly resolvConf: string;
  readonly keepAcrossReboots: boolean;
  /** Of a network by name. */
  readonly named?: NamedPool;
}

/** Where the files of networks by name are. */
export interface NamedPool {
  readonly configDir: string;
  /** The pod has the addresses of a persistent endpoint. */
  readonly isByEndpoint: boolean;
}

/** Where host-local's reservations of a network are. */
export type HostLocalFolder = Pick<HostLocal, "kind" | "dataDir" | "network">;

/** Where a pod's addresses come from. */
export type Addressing =
  | { readonly kind: "none" }
  | { readonly kind: "delegate"; readonly plugin: string }
  | HostLocal;

const WANT_ADDRESS = 'an address like "10.1.0.5" or "fd00::5"';
const WANT_PREFIX = 'a network like "10.1.0.0/16" or "fd00::/64"';

/** Which kind of address management a configuration names; all that DEL needs of it. */
export function decodeIpamKind(
  request: Request,
): { kind: "none" } | { kind: "delegate"; plugin: string } | HostLocalFolder {
  const ipam = objectField(request.netconf, "ipam");
  const plugin = stringField(ipam, "type") ?? "";
  if (plugin === "") return { kind: "none" };
  if (plugin !== "host-local" || booleanField(ipam, "delegate")) return { kind: "delegate", plugin };
  const dataDir = stringField(ipam, "dataDir") || DEFAULT_DATA_DIR;
  if (!dataDir.startsWith("/")) throw invalidNetconf("ipam.dataDir", "an absolute path", dataDir);
  return { kind: "host-local", dataDir, network: request.network };
}

/** @throws {CniError} 7 with the path of the field, 4 for CNI_ARGS */
export function decodeAddressing(request: Request): Addressing {
  const kind = decodeIpamKind(request);
  if (kind.kind !== "host-local") return kind;
  const ipam = objectField(request.netconf, "ipam");
  return {
    ...kind,
    sets: decodeRangeSets(request, ipam),
    requested: decodeRequested(request),
    routes: (listField(ipam, "routes") ?? []).map((item) => decodeRoute(toFields(item))),
    resolvConf: stringField(ipam, "resolvConf") ?? "",
    keepAcrossReboots: booleanField(ipam, "keepAcrossReboots"),
  };
}

/** The runtime's ranges come first, then `subnet`, then `ranges`: the order of the addresses in the result. */
function decodeRangeSets(request: Request, ipam: Fields<IpamConf>): RangeSet[] {
  const runtime = listField(objectField(request.netconf, "runtimeConfig"), "ipRanges") ?? [];
  const single = field(ipam, "subnet") === undefined ? [] : [[decodeRange(ipam)]];
  const sets = [
    ...runtime.map((set) => toItems(set).map((item) => decodeRange(toFields(item)))),
    ...single,
    ...(listField(ipam, "ranges") ?? []).map((set) =>
      toItems(set).map((item) => decodeRange(toFields(item))),
    ),
  ];
  if (sets.length === 0) {
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      "ipam: no address ranges",
      'want "subnet": "10.1.0.0/16" or "ranges"',
    );
  }
  explainRange("ipam.ranges", () => checkRangeSets(sets));
  requireExpressible(request, sets);
  return sets;
}

function decodeRange(fields: Fields<RangeConf>) {
  const subnet = parsedField(fields, "subnet", parsePrefix, WANT_PREFIX);
  if (subnet === undefined) throw invalidNetconf(`${fields.path}.subnet`, WANT_PREFIX, undefined);
  const [rangeStart, rangeEnd, gateway] = (["rangeStart", "rangeEnd", "gateway"] as const).map((key) =>
    parsedField(fields, key, parseAddress, WANT_ADDRESS),
  );
  return explainRange(fields.path, () => toRange({ subnet, rangeStart, rangeEnd, gateway }));
}

function explainRange<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof InvalidRange)) throw cause;
    throw new CniError(CNI_ERROR.invalidNetconf, `${path}: ${cause.message}`, "", { cause });
  }
}

function requireExpressible(request: Request, sets: readonly RangeSet[]): void {
  if (isAtLeast(request.cniVersion, "0.3.0")) return;
  for (const family of [4, 6]) {
    if (sets.filter((set) => set[0]?.subnet.address.family === family).length > 1) {
      const problem = `ipam: cniVersion "${request.cniVersion}" cannot express more than one IPv${family} address`;
      throw new CniError(
        CNI_ERROR.invalidNetconf,
        problem,
        'want one range set a family, or cniVersion "0.3.1" or later',
      );
    }
  }
}

/** Addresses asked for by name: CNI_ARGS `IP`, `args.cni.ips`, capability `ips`; each once, prefix lengths dropped. */
export function decodeRequested(request: Request): Address[] {
  const byArgument = readArguments(request.args).get("IP") ?? "";
  const located: Located[] = [
    ...byArgument
      .split(",")
      .filter((text) => text !== "")
      .map((value) => ({ path: "CNI_ARGS IP", value })),
    ...(listField(objectField(objectField(request.netconf, "args"), "cni"), "ips") ?? []),
    ...(listField(objectField(request.netconf, "runtimeConfig"), "ips") ?? []),
  ];
  return located.map((item) =>
    parsed(item, parseWithOrWithoutLength, 'an address like "10.1.0.5" or "10.1.0.5/16"'),
  );
}

function parseWithOrWithoutLength(text: string): Address | undefined {
  return parseAddress(text) ?? parsePrefix(text)?.address;
}
