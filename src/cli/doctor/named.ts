/** Networks, tiers and endpoints of this node, with the files that do not say what they must. */

import {
  listEndpoints,
  listNetworks,
  listTiers,
  readDefaultNetwork,
} from "../../network/files/read-files.ts";
import { InvalidFile } from "../../network/format/document.ts";
import type { Endpoint, Network, PerfTier } from "../../network/model.ts";

export interface NamedObjects {
  readonly networks: readonly Network[];
  readonly tiers: readonly PerfTier[];
  readonly endpoints: readonly Endpoint[];
  /** Name of the network of pods that ask for none; undefined where nobody set one. */
  readonly defaultNetwork: string | undefined;
  readonly faults: readonly InvalidFile[];
}

export function readNamed(configDir: string): NamedObjects {
  const networks = listNetworks(configDir);
  const tiers = listTiers(configDir);
  const endpoints = listEndpoints(configDir);
  const chosen = readDefault(configDir);
  return {
    networks: networks.networks,
    tiers: tiers.tiers,
    endpoints: endpoints.endpoints,
    defaultNetwork: chosen.name,
    faults: [...networks.faults, ...tiers.faults, ...endpoints.faults, ...chosen.faults],
  };
}

function readDefault(configDir: string): { name: string | undefined; faults: InvalidFile[] } {
  try {
    return { name: readDefaultNetwork(configDir), faults: [] };
  } catch (error) {
    if (!(error instanceof InvalidFile)) throw error;
    return { name: undefined, faults: [error] };
  }
}
