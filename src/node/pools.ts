/** The address pools of this node: of the runtime's configurations, of networks by name, and whatever directories are left. */

import { toRangeSets } from "../attachment/plan/ipam.ts";
import { listRecords } from "../attachment/record/list.ts";
import { decodeRange } from "../cni/netconf/ipam.ts";
import { rangesOf } from "../cni/netconf/precedence.ts";
import { CniError } from "../error/cni-error.ts";
import type { RangeSet } from "../ipam/range.ts";
import { DEFAULT_DATA_DIR } from "../ipam/store.ts";
import { type Fields, objectField, stringField } from "../json/fields.ts";
import { listDirectory } from "../linux/directory.ts";
import { statFile } from "../linux/stat.ts";
import { listEndpoints, listNetworks } from "../network/files/read-files.ts";
import type { Endpoint, Network } from "../network/model.ts";
import { POOL_DIR } from "../network/usage.ts";
import { listConfigurations, runtimeDirectoryOf } from "./configurations.ts";
import type { Directory } from "./holders.ts";

export interface Pool extends Directory {
  /** One address comes from each; none where no configuration tells. */
  readonly sets: readonly RangeSet[];
  /** Kept for pods that are not there. */
  readonly endpoints: readonly Endpoint[];
}

/** By dataDir and network; each directory once. `confDir`: where the runtime's configurations are. */
export function listPools(configDir: string, confDir = runtimeDirectoryOf(configDir)): Pool[] {
  const pools = [...configuredPools(confDir), ...namedPools(configDir), ...orphanedPools()];
  const byDirectory = new Map<string, Pool>();
  for (const pool of pools) {
    const directory = `${pool.dataDir}/${pool.network}`;
    const earlier = byDirectory.get(directory);
    if (earlier === undefined || earlier.sets.length === 0) byDirectory.set(directory, pool);
  }
  return [...byDirectory.values()];
}

function configuredPools(confDir: string): Pool[] {
  return listConfigurations(confDir).flatMap(({ name, plugins }) =>
    plugins
      .map((plugin) => objectField(plugin, "ipam"))
      .filter((ipam) => stringField(ipam, "type") === "host-local" && name !== "")
      .map((ipam) => toPool(name, ipam)),
  );
}

/** Where its ranges are wrong, no ADD has come through: there is nothing to count but what is in the directory. */
function toPool(network: string, ipam: Fields): Pool {
  const dataDir = stringField(ipam, "dataDir") || DEFAULT_DATA_DIR;
  try {
    const sets = toRangeSets(rangesOf(ipam).map((set) => set.map(decodeRange)));
    return { dataDir, network, sets, endpoints: [] };
  } catch (error) {
    if (!(error instanceof CniError)) throw error;
    return { dataDir, network, sets: [], endpoints: [] };
  }
}

function namedPools(configDir: string): Pool[] {
  const { endpoints } = listEndpoints(configDir);
  return listNetworks(configDir).networks.map(({ name, ranges }: Network) => ({
    dataDir: POOL_DIR,
    network: name,
    sets: ranges.map((range) => [range]),
    endpoints: endpoints.filter((endpoint) => endpoint.network === name),
  }));
}

/** Of configurations that somebody took away, or that lie elsewhere. */
function orphanedPools(): Pool[] {
  const usual = [DEFAULT_DATA_DIR, POOL_DIR].flatMap((dataDir) =>
    listDirectory(dataDir)
      .filter((network) => !statFile(`${dataDir}/${network}`).isRegular)
      .map((network) => ({ dataDir, network })),
  );
  const recorded = listRecords().flatMap(({ addressing }) =>
    addressing.kind === "host-local" ? [addressing] : [],
  );
  return [...usual, ...recorded].map(({ dataDir, network }) => ({
    dataDir,
    network,
    sets: [],
    endpoints: [],
  }));
}
