/** host-local's reservations on disk: one file an address, under one lock, readable by the reference plugin. */

import { type Address, formatAddress, parseAddress } from "../addr/address.ts";
import {
  closeFile,
  exists,
  listFolder,
  makeFolder,
  OPEN,
  openFile,
  overwriteFile,
  readTextFileIfAny,
  removeFile,
} from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import type { Report } from "../linux/report.ts";
import { createWhole } from "../linux/whole-file.ts";
import { formatOwner, type Owner, parseOwner, sameOwner } from "./owner.ts";

export const DEFAULT_DATA_DIR = "/var/lib/cni/networks";

// After so many taken addresses in a row the folder is listed once instead of being asked name by name.
const PROBES_BEFORE_LISTING = 32;

/** The locked reservations of one network; closing it frees the lock. */
export class IpamStore {
  readonly folder: string;
  readonly #lock: number;
  readonly #report: Report;
  #probes = 0;
  #names: Set<string> | undefined;

  /** `report` is told of each reservation file that named nobody and was taken away. */
  private constructor(folder: string, lock: number, report: Report) {
    this.folder = folder;
    this.#lock = lock;
    this.#report = report;
  }

  /** Makes the folder where needed and takes its lock. @throws {LockTimeout} {@link SyscallError} EROFS, EACCES */
  static open(dataDir: string, network: string, report: Report): IpamStore {
    const folder = `${dataDir}/${network}`;
    const path = `${folder}/lock`;
    if (!exists(path)) makeFolder(folder);
    const lock = openFile(path, OPEN.create, 0o750);
    lockDescriptor(lock, path);
    return new IpamStore(folder, lock, report);
  }

  lastReserved(setIndex: number): Address | undefined {
    return readLastReserved(this.folder, setIndex);
  }

  /** True where somebody holds the address; a file that names nobody is taken away and reported. */
  isTaken(address: Address): boolean {
    return this.#hasFile(formatAddress(address)) && this.ownerOf(address) !== undefined;
  }

  #hasFile(name: string): boolean {
    if (this.#probes++ < PROBES_BEFORE_LISTING) return exists(`${this.folder}/${name}`);
    this.#names ??= new Set(listFolder(this.folder));
    return this.#names.has(name);
  }

  /** Who holds the address; undefined where nobody does. */
  ownerOf(address: Address): Owner | undefined {
    const name = formatAddress(address);
    const text = readTextFileIfAny(`${this.folder}/${name}`);
    if (text === undefined) return undefined;
    const owner = parseOwner(text);
    if (owner === undefined) this.#reclaim(name);
    return owner;
  }

  #reclaim(name: string): void {
    removeFile(`${this.folder}/${name}`);
    this.#names?.delete(name);
    this.#report(`reclaimed ${this.folder}/${name}: the reservation file was empty or garbled`);
  }

  /** @throws {SyscallError} EEXIST: the address is reserved */
  reserve(address: Address, setIndex: number, owner: Owner): void {
    closeFile(createWhole(`${this.folder}/${formatAddress(address)}`, formatOwner(owner)));
    overwriteFile(lastReservedPath(this.folder, setIndex), formatAddress(address));
  }

  /** Frees the address where `owner` holds it; false where it does not. */
  release(address: Address, owner: Owner): boolean {
    const holder = this.ownerOf(address);
    return (
      holder !== undefined &&
      sameOwner(holder, owner) &&
      removeFile(`${this.folder}/${formatAddress(address)}`)
    );
  }

  /** Every reservation, from the files; those that name nobody are taken away and reported. */
  list(): { readonly address: Address; readonly owner: Owner }[] {
    return this.addresses().flatMap((address) => {
      const owner = this.ownerOf(address);
      return owner === undefined ? [] : [{ address, owner }];
    });
  }

  /** The addresses that have a reservation file, without a look inside. */
  addresses(): Address[] {
    return listFolder(this.folder).flatMap((name) => parseAddress(name) ?? []);
  }

  [Symbol.dispose](): void {
    closeFile(this.#lock);
  }
}

function lastReservedPath(folder: string, setIndex: number): string {
  return `${folder}/last_reserved_ip.${setIndex}`;
}

/** The round-robin marker of a range set; undefined where there is none, or it holds no address. */
export function readLastReserved(folder: string, setIndex: number): Address | undefined {
  return parseAddress(readTextFileIfAny(lastReservedPath(folder, setIndex))?.trim() ?? "");
}
