/**
 * What can be asked for in several places, and which of them wins: the one table of precedence.
 *
 * The places are the runtime's capability arguments (`runtimeConfig`), what a user adds to one call (`args.cni`),
 * CNI_ARGS, and the configuration's own fields.
 */

import { type Fields, field, type KeyOf, listField, objectField, toFields } from "../../json/fields.ts";
import { type Located, toItems } from "../../json/located.ts";
import type { NetconfDocument } from "../document/netconf.ts";
import type { IpamConf, RangeConf, Rates, Tuning } from "../document/parts.ts";
import type { CniArgs, RuntimeConfig } from "../document/runtime-config.ts";

/** The four places of one call. */
export interface Places {
  readonly configuration: Fields<NetconfDocument>;
  readonly runtimeConfig: Fields<RuntimeConfig>;
  /** `args.cni`. */
  readonly user: Fields<CniArgs>;
  /** CNI_ARGS by key. */
  readonly args: ReadonlyMap<string, string>;
}

/** What one place says about one thing: nothing, one value, or several. */
type Place<T> = (places: Places) => readonly T[];

/** A thing that can be asked for: its places, the one that wins first. */
type Row<T> = readonly Place<T>[];

const RATES = ["ingressRate", "ingressBurst", "egressRate", "egressBurst"] as const;

const mac: Row<Located> = [runtime("mac"), user("mac"), argument("MAC"), configured("mac")];
const device: Row<Located> = [runtime("deviceID"), configured("deviceID")];
const network: Row<Located> = [argument("PODWIRE_NETWORK"), user("network"), configured("network")];
const perfTier: Row<Located> = [argument("PODWIRE_PERF_TIER"), user("perfTier"), configured("perfTier")];
const ports: Row<Located> = [({ runtimeConfig }) => listField(runtimeConfig, "portMappings") ?? []];
/** The configuration's own fields win over the runtime's as a whole, as in the reference bandwidth plugin. */
const rates: Row<Fields<Rates>> = [
  ({ configuration }) =>
    RATES.some((key) => field(configuration, key) !== undefined) ? [configuration] : [],
  ({ runtimeConfig }) => [objectField(runtimeConfig, "bandwidth")],
];
/** Addresses asked for by name: those of all places count. */
const addresses: Row<Located> = [
  ({ args }) =>
    (args.get("IP") ?? "")
      .split(",")
      .filter(isGiven)
      .map((value) => ({ path: "CNI_ARGS IP", value })),
  ({ user }) => listField(user, "ips") ?? [],
  ({ runtimeConfig }) => listField(runtimeConfig, "ips") ?? [],
];
/** Range sets: those of all places count, in the order of the addresses in the result. */
const ranges: Row<readonly Fields<RangeConf>[]> = [
  ({ runtimeConfig }) => (listField(runtimeConfig, "ipRanges") ?? []).map(toRangeFields),
  ({ configuration }) => rangesOf(objectField(configuration, "ipam")),
];

/** Every thing that has more than one place, or that comes from the runtime alone. */
export const PRECEDENCE = { mac, device, network, perfTier, ports, rates, addresses, ranges } as const;

/** The places of a field of the tuning plugin: the user's value replaces that of the configuration. */
export function tuningRow(key: KeyOf<Tuning>): Row<Fields<Tuning>> {
  return [
    ({ user }) => (field(user, key) === undefined ? [] : [user]),
    ({ configuration }) => (field(configuration, key) === undefined ? [] : [configuration]),
  ];
}

/** The value of the first place that gives one; undefined where none does. */
export function firstOf<T>(row: Row<T>, places: Places): T | undefined {
  for (const place of row) {
    const [value] = place(places);
    if (value !== undefined) return value;
  }
  return undefined;
}

/** The values of all places, in order. */
export function allOf<T>(row: Row<T>, places: Places): T[] {
  return row.flatMap((place) => place(places));
}

/** The range sets of an `ipam` section: `subnet`, then `ranges`. */
export function rangesOf(ipam: Fields<IpamConf>): (readonly Fields<RangeConf>[])[] {
  const single = field(ipam, "subnet") === undefined ? [] : [[ipam]];
  return [...single, ...(listField(ipam, "ranges") ?? []).map(toRangeFields)];
}

function toRangeFields(set: Located): Fields<RangeConf>[] {
  return toItems(set).map((item) => toFields<RangeConf>(item));
}

function runtime(key: KeyOf<RuntimeConfig>): Place<Located> {
  return ({ runtimeConfig }) => given(field(runtimeConfig, key));
}

function user(key: KeyOf<CniArgs>): Place<Located> {
  return (places) => given(field(places.user, key));
}

function argument(key: string): Place<Located> {
  return ({ args }) => given({ path: `CNI_ARGS ${key}`, value: args.get(key) ?? "" });
}

function configured(key: KeyOf<NetconfDocument>): Place<Located> {
  return ({ configuration }) => given(field(configuration, key));
}

/** An empty text is no wish. */
function given(located: Located | undefined): Located[] {
  return located === undefined || !isGiven(located.value) ? [] : [located];
}

function isGiven(value: unknown): boolean {
  return value !== "";
}
