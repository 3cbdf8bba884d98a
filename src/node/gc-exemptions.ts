/** Networks that garbage collection leaves alone: their configuration lists on this node say `disableGC`. */

import { POOL_DIR } from "../network/usage.ts";
import { listConfigurations, runtimeDirectoryOf } from "./configurations.ts";
import type { Directory } from "./holders.ts";

/** Each gives the reason in words; undefined for what may be collected. */
export interface GcExemptions {
  /** `network`: of an attachment, the name of the list that it was added by. */
  ofNetwork(network: string): string | undefined;
  ofPool(directory: Directory): string | undefined;
}

/** Where somebody insists. */
export const NO_EXEMPTIONS: GcExemptions = { ofNetwork: () => undefined, ofPool: () => undefined };

/**
 * A list that cannot be read may be any network's that no other list names.
 * @see https://www.cni.dev/docs/spec/#configuration-format
 */
export function readGcExemptions(configDir: string, confDir = runtimeDirectoryOf(configDir)): GcExemptions {
  const configurations = listConfigurations(confDir);
  const disabled = configurations.filter(({ disablesGc }) => disablesGc);
  const named = new Set(configurations.map(({ name }) => name));
  const unread = configurations.find(({ file, fault }) => fault !== undefined && file.endsWith(".conflist"));
  const isTrue = (file: string) => `"disableGC" is true in ${file}`;
  const ofNetwork = (network: string) => {
    const list = disabled.find(({ name }) => name === network);
    if (list !== undefined) return isTrue(list.file);
    if (unread === undefined || named.has(network)) return undefined;
    return `no list names its network, and ${unread.file}, which cannot be read, may say "disableGC"`;
  };
  return {
    ofNetwork,
    // Pods of every list can be on a network by name.
    ofPool({ dataDir, network }) {
      if (dataDir !== POOL_DIR) return ofNetwork(network);
      const [list] = disabled;
      return list === undefined ? undefined : isTrue(list.file);
    },
  };
}
