/** Writes networks, tiers and endpoints: each file atomically and synced, one process at a time. */

import { createAtomic, replaceAtomic } from "../../linux/atomic-file.ts";
import { makeDirectory } from "../../linux/directory.ts";
import {
  closeFile,
  exists,
  OPEN,
  openFile,
  readTextFileIfAny,
  removeFile,
  syncFile,
} from "../../linux/file.ts";
import { lockDescriptor } from "../../linux/lock.ts";
import { parseDocument } from "../format/document.ts";
import type { EndpointId } from "../format/endpoint.ts";
import type { Endpoint, Network, PerfTier } from "../model.ts";
import { defaultNetworkFile, ENDPOINTS, fileOf, type Kind, NETWORKS, TIERS } from "./read-files.ts";

/** The lock on the configuration directory, which is made where it is missing. */
export class ConfigLock {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws {LockTimeout} {@link SyscallError} EROFS, EACCES */
  static take(configDir: string): ConfigLock {
    makeDirectory(configDir);
    const fd = openFile(configDir, OPEN.readOnly);
    lockDescriptor(fd, configDir);
    return new ConfigLock(fd);
  }

  [Symbol.dispose](): void {
    closeFile(this.#fd);
  }
}

/** @throws {SyscallError} EEXIST: there is one of that name; nothing was changed */
export function createNetwork(configDir: string, network: Network): void {
  createObject(configDir, NETWORKS, network);
}

/** @throws {SyscallError} EEXIST: there is a file of that name; nothing was changed */
export function createTier(configDir: string, tier: PerfTier): void {
  createObject(configDir, TIERS, tier);
}

/** @throws {SyscallError} EEXIST: there is one of that name; nothing was changed */
export function createEndpoint(configDir: string, endpoint: Endpoint): void {
  createObject(configDir, ENDPOINTS, endpoint);
}

/** @throws {SyscallError} EEXIST: there is a file of that name; nothing was changed */
export function createObject<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, object: T): void {
  const path = requireFile(configDir, kind, object);
  makeDirectory(`${configDir}/${kind.directory}`);
  closeFile(createAtomic(path, toForm(kind.encode(object)), (fd) => syncFile(fd, path)));
}

/** Changes a network that has a file; the file keeps its `$schema`. */
export function replaceNetwork(configDir: string, network: Network): void {
  const path = requireFile(configDir, NETWORKS, network);
  const schema = readSchema(path);
  const object = NETWORKS.encode(network);
  replaceAtomic(path, toForm(schema === undefined ? object : { $schema: schema, ...object }));
}

function readSchema(path: string): unknown {
  const { value } = parseDocument(path, readTextFileIfAny(path) ?? "{}");
  return typeof value === "object" && value !== null && "$schema" in value ? value.$schema : undefined;
}

function requireFile<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, object: T): string {
  const path = fileOf(configDir, kind, object);
  if (path === undefined) throw new Error(`an object of ${kind.directory} bears a name that is none`);
  return path;
}

function toForm(object: object): string {
  return `${JSON.stringify(object, undefined, 2)}\n`;
}

/** True where there is a file of that name, right or wrong. */
export function hasFile<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, id: Id): boolean {
  const path = fileOf(configDir, kind, id);
  return path !== undefined && exists(path);
}

/** False where there was none. */
export function removeNetwork(configDir: string, name: string): boolean {
  return removeObject(configDir, NETWORKS, { name });
}

/** False where there was no file; a tier that is built in has its own figures again. */
export function removeTier(configDir: string, name: string): boolean {
  return removeObject(configDir, TIERS, { name });
}

/** False where there was none. */
export function removeEndpoint(configDir: string, id: EndpointId): boolean {
  return removeObject(configDir, ENDPOINTS, id);
}

/** False where there was none. */
export function removeObject<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, id: Id): boolean {
  const path = fileOf(configDir, kind, id);
  return path !== undefined && removeFile(path);
}

/** Makes it the network of pods that ask for none. */
export function setDefaultNetwork(configDir: string, name: string): void {
  replaceAtomic(defaultNetworkFile(configDir), `${name}\n`);
}

/** False where there was no default network. */
export function clearDefaultNetwork(configDir: string): boolean {
  return removeFile(defaultNetworkFile(configDir));
}
