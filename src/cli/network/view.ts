/** Networks as people and programs see them: the row of a table, the JSON. */

import { formatAddress } from "../../addr/address.ts";
import { listEndpoints, readDefaultNetwork } from "../../network/files/read-files.ts";
import { encodeNetwork } from "../../network/format/network.ts";
import type { Endpoint, Network } from "../../network/model.ts";
import { listReserved, POOL_DIR, type RangeUsage, usageOf } from "../../network/usage.ts";
import type { View } from "../print.ts";

/** A network with what is not in its file. */
export interface ListedNetwork {
  readonly network: Network;
  readonly isDefault: boolean;
  /** One for each range. */
  readonly usage: readonly RangeUsage[];
}

/** The networks with their usage now. */
export function withUsage(configDir: string, networks: readonly Network[]): ListedNetwork[] {
  const defaultName = readDefaultNetwork(configDir);
  const endpoints = Map.groupBy(listEndpoints(configDir).endpoints, (endpoint) => endpoint.network);
  return networks.map((network) => ({
    network,
    isDefault: network.name === defaultName,
    usage: usageNow(network, endpoints.get(network.name) ?? []),
  }));
}

function usageNow(network: Network, endpoints: readonly Endpoint[]): RangeUsage[] {
  return usageOf(network, listReserved(POOL_DIR, network.name), endpoints);
}

/** Public: pods reach the world through a gateway of the network. */
export function isPublic({ ranges }: Network): boolean {
  return ranges.some((range) => range.gateway !== undefined);
}

export const NETWORK_VIEW: View<ListedNetwork> = {
  headers: ["NAME", "TYPE", "START ADDRESS", "TOTAL", "USED", "GATEWAY", "VLAN", "NETWORK-GROUP", "ZONE"],

  toRow({ network, isDefault, usage }) {
    const { name, ranges, vlan, group = "", zone = "" } = network;
    return [
      isDefault ? `${name} (default)` : name,
      isPublic(network) ? "public" : "private",
      ranges.map(({ start }) => formatAddress(start)).join(","),
      usage.map(({ total }) => String(total)).join(","),
      usage.map(({ used }) => String(used)).join(","),
      isPublic(network)
        ? ranges.map(({ gateway }) => (gateway === undefined ? "-" : formatAddress(gateway))).join(",")
        : "",
      vlan === undefined ? "" : String(vlan),
      group,
      zone,
    ];
  },

  toJson({ network, isDefault, usage }) {
    return {
      ...encodeNetwork(network),
      isDefault,
      isPublic: isPublic(network),
      usage: usage.map(({ total, used }) => ({ total: toJsonNumber(total), used })),
    };
  },
};

/** A number, or text for what a number in JSON cannot hold: the size of most IPv6 ranges. */
function toJsonNumber(value: bigint): number | string {
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : String(value);
}
