/** How many addresses each network of the node has, and how many of them somebody has. */

import { readEnvironment } from "../cni/environment.ts";
import { CniError } from "../cni/error.ts";
import { decodeRequest } from "../cni/request.ts";
import { listFolder, readTextFileIfAny } from "../linux/file.ts";
import { listEndpoints, listNetworks } from "../network/files.ts";
import { listReserved, POOL_DIR, usageOf } from "../network/usage.ts";
import { decodeAddressing } from "./config/ipam.ts";

/** The addresses of one family. */
export interface Pool {
  readonly network: string;
  readonly family: 4 | 6;
  readonly total: bigint;
  readonly used: number;
}

/** Of the networks by name, then of the configuration lists in `confDir`; those that cannot be read are passed over. */
export function listPools(confDir: string): Pool[] {
  const configDir = `${confDir}/podwire.d`;
  const { endpoints } = listEndpoints(configDir);
  const named = listNetworks(configDir).networks.flatMap((network) => {
    const usages = usageOf(network, listReserved(POOL_DIR, network.name), endpoints);
    return network.ranges.flatMap(({ start }, index) => {
      const usage = usages[index];
      return usage === undefined ? [] : [{ network: network.name, family: start.family, ...usage }];
    });
  });
  const lists = listFolder(confDir).filter((name) => name.endsWith(".conflist"));
  return [...named, ...lists.flatMap((name) => poolsOf(readTextFileIfAny(`${confDir}/${name}`) ?? ""))];
}

function poolsOf(text: string): Pool[] {
  try {
    const { name, cniVersion, plugins } = JSON.parse(text);
    const own = plugins.find(({ type }: { readonly type?: unknown }) => type === "podwire");
    return own === undefined ? [] : poolsOfEntry({ ...own, name, cniVersion });
  } catch (error) {
    if (error instanceof CniError || error instanceof SyntaxError || error instanceof TypeError) return [];
    throw error;
  }
}

function poolsOfEntry(netconf: object): Pool[] {
  const bytes = new TextEncoder().encode(JSON.stringify(netconf));
  const addressing = decodeAddressing(decodeRequest(readEnvironment({ CNI_COMMAND: "VERSION" }), bytes));
  if (addressing.kind !== "host-local") return [];
  const { dataDir, network, sets } = addressing;
  const reserved = listReserved(dataDir, network);
  return ([4, 6] as const).flatMap((family) => {
    const ranges = sets.flat().filter(({ subnet }) => subnet.address.family === family);
    if (ranges.length === 0) return [];
    const total = ranges.reduce((sum, { start, end }) => sum + end.value - start.value + 1n, 0n);
    return [
      {
        network,
        family,
        total,
        used: reserved.filter((name) => name.includes(":") === (family === 6)).length,
      },
    ];
  });
}
