/** Reads networks, tiers and endpoints: one JSON file each. */

import type { Located } from "../../json/located.ts";
import { listDirectory } from "../../linux/directory.ts";
import { exists, isNoFile, readTextFileIfAny } from "../../linux/file.ts";
import { InvalidFile, parseDocument } from "../format/document.ts";
import { decodeEndpoint, type EndpointId, encodeEndpoint } from "../format/endpoint.ts";
import { decodeNetwork, encodeNetwork } from "../format/network.ts";
import { BEST_EFFORT, BUILT_IN_TIERS, decodeTier } from "../format/perf-tier.ts";
import type { Endpoint, Network, PerfTier } from "../model.ts";
import { isName, WANT_NAME } from "../name.ts";

/** Below the directory of the runtime's configurations, which does not look into sub-directories. */
export const CONFIG_DIR = "/etc/cni/net.d/podwire.d";

const SUFFIX = ".json";

interface Named {
  readonly name: string;
}

/** A sort of object and where its files are; `Id` is what names one. */
export interface Kind<T extends Id, Id> {
  readonly directory: string;
  /** The file's name without suffix; undefined where no object can be called so. */
  stem(id: Id): string | undefined;
  /** What the file's name says; a name that cannot be one is left to `decode`. */
  id(stem: string): Id;
  decode(document: Located, id: Id): T;
  encode(object: T): object;
}

const BY_NAME = {
  stem: ({ name }: Named) => (isName(name) ? name : undefined),
  id: (name: string) => ({ name }),
};

export const NETWORKS: Kind<Network, Named> = {
  ...BY_NAME,
  directory: "networks",
  decode: (document, { name }) => decodeNetwork(document, name),
  encode: encodeNetwork,
};

export const TIERS: Kind<PerfTier, Named> = {
  ...BY_NAME,
  directory: "perf-tiers",
  decode: (document, { name }) => decodeTier(document, name),
  encode: (tier) => tier,
};

/** `<namespace>.<name>.json`: neither can contain a dot. */
export const ENDPOINTS: Kind<Endpoint, EndpointId> = {
  directory: "endpoints",
  stem: ({ namespace, name }) => (isName(namespace) && isName(name) ? `${namespace}.${name}` : undefined),
  id: (stem) => {
    const dot = stem.indexOf(".");
    return { namespace: stem.slice(0, Math.max(dot, 0)), name: stem.slice(dot + 1) };
  },
  decode: decodeEndpoint,
  encode: encodeEndpoint,
};

/** Path of an object's file; undefined where no object can be called so. */
export function fileOf<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, id: Id): string | undefined {
  const stem = kind.stem(id);
  return stem === undefined ? undefined : `${configDir}/${kind.directory}/${stem}${SUFFIX}`;
}

/** That object; undefined where there is none. @throws {InvalidFile} */
export function readObject<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, id: Id): T | undefined {
  const file = fileOf(configDir, kind, id);
  const text = file === undefined ? undefined : textOf(file);
  return file === undefined || text === undefined ? undefined : kind.decode(parseDocument(file, text), id);
}

/** Undefined where there is none. @throws {InvalidFile} something else is in its place */
function textOf(file: string): string | undefined {
  try {
    return readTextFileIfAny(file);
  } catch (error) {
    if (isNoFile(error)) throw new InvalidFile(file, "", `is no file: ${String(error)}`);
    throw error;
  }
}

/** The network of that name; undefined where there is none. @throws {InvalidFile} */
export function readNetwork(configDir: string, name: string): Network | undefined {
  return readObject(configDir, NETWORKS, { name });
}

/** The tier of that name, from its file or built in; undefined where there is none. @throws {InvalidFile} */
export function readTier(configDir: string, name: string): PerfTier | undefined {
  const file = name === BEST_EFFORT ? undefined : readObject(configDir, TIERS, { name });
  return file ?? BUILT_IN_TIERS.find((tier) => tier.name === name);
}

/** Undefined where there is no such endpoint. @throws {InvalidFile} */
export function readEndpoint(configDir: string, namespace: string, name: string): Endpoint | undefined {
  return readObject(configDir, ENDPOINTS, { namespace, name });
}

/** Name of the network of pods that ask for none; undefined where none is set. @throws {InvalidFile} */
export function readDefaultNetwork(configDir: string): string | undefined {
  const file = defaultNetworkFile(configDir);
  if (!exists(file)) return undefined; // most nodes: an error would cost each ADD more than the question
  const name = readTextFileIfAny(file)?.trimEnd();
  if (name !== undefined && !isName(name)) {
    throw new InvalidFile(file, "", `want the name of a network, got ${JSON.stringify(name)}: ${WANT_NAME}`);
  }
  return name;
}

export function defaultNetworkFile(configDir: string): string {
  return `${configDir}/default-network`;
}

/** Files that could not be read are in `faults`. */
export interface Listing<T> {
  readonly objects: readonly T[];
  readonly faults: readonly InvalidFile[];
}

/** Every object in the order of file names; hidden files and those of another suffix are ignored. */
export function listObjects<T extends Id, Id>(configDir: string, kind: Kind<T, Id>): Listing<T> {
  const objects: T[] = [];
  const faults: InvalidFile[] = [];
  for (const name of listDirectory(`${configDir}/${kind.directory}`).sort()) {
    if (name.startsWith(".") || !name.endsWith(SUFFIX)) continue;
    const file = `${configDir}/${kind.directory}/${name}`;
    try {
      const text = textOf(file); // undefined: removed since the directory was read
      const id = kind.id(name.slice(0, -SUFFIX.length));
      if (text !== undefined) objects.push(kind.decode(parseDocument(file, text), id));
    } catch (error) {
      if (!(error instanceof InvalidFile)) throw error;
      faults.push(error);
    }
  }
  return { objects, faults };
}

export function listNetworks(configDir: string): {
  networks: readonly Network[];
  faults: readonly InvalidFile[];
} {
  const { objects, faults } = listObjects(configDir, NETWORKS);
  return { networks: objects, faults };
}

/** With those that are built in, first. */
export function listTiers(configDir: string): { tiers: readonly PerfTier[]; faults: readonly InvalidFile[] } {
  const { objects, faults } = listObjects(configDir, TIERS);
  const isNamed = (name: string) => objects.some((tier) => tier.name === name);
  return { tiers: [...BUILT_IN_TIERS.filter(({ name }) => !isNamed(name)), ...objects], faults };
}

export function listEndpoints(configDir: string): {
  endpoints: readonly Endpoint[];
  faults: readonly InvalidFile[];
} {
  const { objects, faults } = listObjects(configDir, ENDPOINTS);
  return { endpoints: objects, faults };
}
