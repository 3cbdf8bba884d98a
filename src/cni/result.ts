/** The result of an ADD as a value, in the shape of CNI 1.1.0; other versions' shapes exist only at the edge. */

import type { Address } from "../addr/address.ts";
import type { Prefix } from "../addr/prefix.ts";

export interface Interface {
  readonly name: string;
  readonly mac?: string;
  /** Bytes. */
  readonly mtu?: number;
  /** Path of the container's network namespace; absent on the host. */
  readonly sandbox?: string;
  readonly socketPath?: string;
  readonly pciID?: string;
}

export interface IpConfig {
  /** Index into `interfaces`. */
  readonly interface?: number;
  readonly address: Prefix;
  readonly gateway?: Address;
}

export interface RouteConfig {
  readonly dst: Prefix;
  readonly gw?: Address;
  /** Bytes. */
  readonly mtu?: number;
  /** Bytes. */
  readonly advmss?: number;
  readonly priority?: number;
  readonly table?: number;
  /** RT_SCOPE_*, linux/rtnetlink.h. */
  readonly scope?: number;
}

/** Numeric settings of a route, in the order in which results print them. */
export const ROUTE_SETTINGS = ["mtu", "advmss", "priority", "table", "scope"] as const;

export interface Dns {
  readonly nameservers?: readonly string[];
  readonly domain?: string;
  readonly search?: readonly string[];
  readonly options?: readonly string[];
}

export interface Result {
  readonly interfaces: readonly Interface[];
  readonly ips: readonly IpConfig[];
  readonly routes: readonly RouteConfig[];
  readonly dns: Dns;
}

export const EMPTY_RESULT: Result = { interfaces: [], ips: [], routes: [], dns: {} };
