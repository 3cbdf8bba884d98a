/** Where a pod's addresses come from. */

import type { Address } from "../../addr/address.ts";
import { networkOf, type Prefix } from "../../addr/prefix.ts";
import type { HostLocalConfig, IpamConfig, RangeConfig } from "../../cni/netconf/ipam.ts";
import type { RouteConfig } from "../../cni/result.ts";
import { type CniVersion, isAtLeast } from "../../cni/versions.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { checkRangeSets, InvalidRange, type RangeSet, toRange } from "../../ipam/range.ts";
import { DEFAULT_DATA_DIR } from "../../ipam/store.ts";
import type { PlanInput } from "./input.ts";
import { type Reach, requireReachable } from "./reachable.ts";

export interface HostLocal {
  readonly kind: "host-local";
  readonly dataDir: string;
  /** Whose reservations: a directory below `dataDir`. */
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
export type HostLocalDirectory = Pick<HostLocal, "kind" | "dataDir" | "network">;

export type Addressing =
  | { readonly kind: "none" }
  | { readonly kind: "delegate"; readonly plugin: string }
  | HostLocal;

/** @throws {CniError} 7 with the path of the field */
export function planAddressing({ network, netconf, cniVersion }: PlanInput, reach: Reach): Addressing {
  const place = placeOf(netconf.ipam, network);
  if (place.kind !== "host-local") return place;
  const { ranges, ...others } = netconf.hostLocal;
  const requested = netconf.addresses;
  const sets = requireRangeSets(ranges, cniVersion);
  requireReachable({ ranges, sets, routes: others.routes }, reach);
  return { ...place, sets, requested, ...others };
}

/** Which kind of address management a network has; all that a removal needs of it. */
export function placeOf(
  ipam: IpamConfig,
  network: string,
): Exclude<IpamConfig, { kind: "host-local" }> | HostLocalDirectory {
  return ipam.kind === "host-local"
    ? { kind: "host-local", dataDir: ipam.dataDir ?? DEFAULT_DATA_DIR, network }
    : ipam;
}

/** The networks that its own ranges lie in; none where another plugin knows them. */
export function subnetsOf(addressing: Addressing): Prefix[] {
  const ranges = addressing.kind === "host-local" ? addressing.sets.flat() : [];
  return ranges.map(({ subnet }) => networkOf(subnet));
}

function requireRangeSets(ranges: HostLocalConfig["ranges"], cniVersion: CniVersion): RangeSet[] {
  if (ranges.length === 0) {
    throw new CniError(
      CNI_ERROR.invalidNetconf,
      "ipam: no address ranges",
      'want "subnet": "10.1.0.0/16" or "ranges"',
    );
  }
  const sets = toRangeSets(ranges);
  requireExpressible(cniVersion, sets);
  return sets;
}

/** @throws {CniError} 7: a range is outside its subnet, or two overlap */
export function toRangeSets(ranges: HostLocalConfig["ranges"]): RangeSet[] {
  const sets = ranges.map((set) => set.map(toPlannedRange));
  explainRange("ipam.ranges", () => checkRangeSets(sets));
  return sets;
}

function toPlannedRange({ path, ...range }: RangeConfig) {
  return explainRange(path, () => toRange(range));
}

function explainRange<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (cause) {
    if (!(cause instanceof InvalidRange)) throw cause;
    throw new CniError(CNI_ERROR.invalidNetconf, `${path}: ${cause.message}`, "", { cause });
  }
}

function requireExpressible(cniVersion: CniVersion, sets: readonly RangeSet[]): void {
  if (isAtLeast(cniVersion, "0.3.0")) return;
  for (const family of [4, 6]) {
    if (sets.filter((set) => set[0]?.subnet.address.family === family).length > 1) {
      const problem = `ipam: cniVersion "${cniVersion}" cannot express more than one IPv${family} address`;
      throw new CniError(
        CNI_ERROR.invalidNetconf,
        problem,
        'want one range set a family, or cniVersion "0.3.1" or later',
      );
    }
  }
}
