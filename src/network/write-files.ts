/** Writing of networks, tiers and endpoints: each file whole and on the disk, by one process at a time. */

import {
  closeFile,
  exists,
  makeFolder,
  OPEN,
  openFile,
  readTextFileIfAny,
  removeFile,
  syncFile,
} from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import { createWhole, replaceWhole } from "../linux/whole-file.ts";
import { parseDocument } from "./document.ts";
import type { EndpointId } from "./endpoint.ts";
import { defaultNetworkFile, ENDPOINTS, fileOf, type Kind, NETWORKS, TIERS } from "./files.ts";
import type { Endpoint, Network, PerfTier } from "./model.ts";

/** The configuration, made where it is missing, and nobody else's until it is closed. */
export class ConfigLock {
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
  }

  /** @throws {LockTimeout} {@link SyscallError} EROFS, EACCES */
  static take(configDir: string): ConfigLock {
    makeFolder(configDir);
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

function createObject<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, object: T): void {
  const path = requireFile(configDir, kind, object);
  makeFolder(`${configDir}/${kind.folder}`);
  closeFile(createWhole(path, toForm(kind.encode(object)), (fd) => syncFile(fd, path)));
}

/** Changes a network that has a file; the file keeps its `$schema`. */
export function replaceNetwork(configDir: string, network: Network): void {
  const path = requireFile(configDir, NETWORKS, network);
  const schema = readSchema(path);
  const object = NETWORKS.encode(network);
  replaceWhole(path, toForm(schema === undefined ? object : { $schema: schema, ...object }));
}

function readSchema(path: string): unknown {
  const { value } = parseDocument(path, readTextFileIfAny(path) ?? "{}");
  return typeof value === "object" && value !== null && "$schema" in value ? value.$schema : undefined;
}

function requireFile<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, object: T): string {
  const path = fileOf(configDir, kind, object);
  if (path === undefined) throw new Error(`an object of ${kind.folder} bears a name that is none`);
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

function removeObject<T extends Id, Id>(configDir: string, kind: Kind<T, Id>, id: Id): boolean {
  const path = fileOf(configDir, kind, id);
  return path !== undefined && removeFile(path);
}

/** Makes it the network of pods that ask for none. */
export function setDefaultNetwork(configDir: string, name: string): void {
  replaceWhole(defaultNetworkFile(configDir), `${name}\n`);
}

/** False where there was no default network. */
export function clearDefaultNetwork(configDir: string): boolean {
  return removeFile(defaultNetworkFile(configDir));
}
