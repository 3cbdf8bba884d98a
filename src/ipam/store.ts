/** host-local's reservations on disk: one file an address, under one lock, readable by the reference plugin. */

import { type Address, formatAddress, parseAddress } from "../addr/address.ts";
import { createAtomic } from "../linux/atomic-file.ts";
import { listDirectory, makeDirectory } from "../linux/directory.ts";
import { isErrno } from "../linux/error.ts";
import {
  closeFile,
  exists,
  isNoFile,
  OPEN,
  openFile,
  overwriteFile,
  readLineIfFile,
  readTextFileIfAny,
  removeFile,
} from "../linux/file.ts";
import { lockDescriptor } from "../linux/lock.ts";
import type { Report } from "../linux/report.ts";
import { formatOwner, isHeldBy, type Owner, parseOwner } from "./owner.ts";

export const DEFAULT_DATA_DIR = "/var/lib/cni/networks";
/** Files of a store beside the reservations: its lock, and the last address of each set of ranges by its index. */
export const LOCK = "lock";
export const LAST_RESERVED = "last_reserved_ip.";

// After so many taken addresses in a row the directory is listed once instead of being asked name by name.
const PROBES_BEFORE_LISTING = 32;

/** The locked reservations of one network; closing it frees the lock. */
export class IpamStore {
  readonly directory: string;
  readonly #lock: number;
  readonly #report: Report;
  #probes = 0;
  #names: Set<string> | undefined;

  /** `report`: called for each invalid reservation file that was removed. */
  private constructor(directory: string, lock: number, report: Report) {
    this.directory = directory;
    this.#lock = lock;
    this.#report = report;
  }

  /** Makes the directory where needed and takes its lock. @throws {LockTimeout} {@link SyscallError} EROFS, EACCES */
  static open(dataDir: string, network: string, report: Report): IpamStore {
    const directory = `${dataDir}/${network}`;
    const path = `${directory}/${LOCK}`;
    if (!exists(path)) makeDirectory(directory);
    const lock = openFile(path, OPEN.create | OPEN.nonBlock, 0o750);
    lockDescriptor(lock, path);
    return new IpamStore(directory, lock, report);
  }

  lastReserved(setIndex: number): Address | undefined {
    return readLastReserved(this.directory, setIndex);
  }

  /** True where the address is reserved; an invalid file is removed and reported, what is no file is passed over. */
  isTaken(address: Address): boolean {
    const name = formatAddress(address);
    if (!this.#hasFile(name)) return false;
    try {
      return this.#readOwner(address) !== undefined;
    } catch (error) {
      if (!isNoFile(error)) throw error;
      this.#report(`passed over ${name}: ${String(error)}: remove what is in the file's place`);
      return true;
    }
  }

  #hasFile(name: string): boolean {
    if (this.#probes++ < PROBES_BEFORE_LISTING) return exists(`${this.directory}/${name}`);
    this.#names ??= new Set(listDirectory(this.directory));
    return this.#names.has(name);
  }

  /** The holder of the address; undefined where it is free, or what is in the file's place is none. */
  ownerOf(address: Address): Owner | undefined {
    try {
      return this.#readOwner(address);
    } catch (error) {
      if (isNoFile(error)) return undefined;
      throw error;
    }
  }

  #readOwner(address: Address): Owner | undefined {
    const name = formatAddress(address);
    const text = readTextFileIfAny(`${this.directory}/${name}`);
    if (text === undefined) return undefined;
    const owner = parseOwner(text);
    if (owner === undefined) this.#reclaim(name);
    return owner;
  }

  #reclaim(name: string): void {
    removeFile(`${this.directory}/${name}`);
    this.#names?.delete(name);
    this.#report(`reclaimed ${this.directory}/${name}: the reservation file was empty or garbled`);
  }

  /** @throws {SyscallError} EEXIST: the address is reserved */
  reserve(address: Address, setIndex: number, owner: Owner): void {
    const path = `${this.directory}/${formatAddress(address)}`;
    try {
      closeFile(createAtomic(path, formatOwner(owner)));
    } catch (error) {
      if (!isErrno(error, "EEXIST") || exists(path)) throw error;
      removeFile(path); // a link that leads nowhere: nobody can read an owner there
      closeFile(createAtomic(path, formatOwner(owner)));
    }
    overwriteFile(lastReservedPath(this.directory, setIndex), formatAddress(address));
  }

  /** Frees the address where `owner` holds it; false where it does not. */
  release(address: Address, owner: Owner): boolean {
    const holder = this.ownerOf(address);
    return (
      holder !== undefined &&
      isHeldBy(holder, owner) &&
      removeFile(`${this.directory}/${formatAddress(address)}`)
    );
  }

  /** Every reservation, from the files; invalid ones are removed and reported. */
  list(): { readonly address: Address; readonly owner: Owner }[] {
    return this.addresses().flatMap((address) => {
      const owner = this.ownerOf(address);
      return owner === undefined ? [] : [{ address, owner }];
    });
  }

  /** The addresses that have a reservation file, without a look inside. */
  addresses(): Address[] {
    return listDirectory(this.directory).flatMap((name) => parseAddress(name) ?? []);
  }

  [Symbol.dispose](): void {
    closeFile(this.#lock);
  }
}

function lastReservedPath(directory: string, setIndex: number): string {
  return `${directory}/${LAST_RESERVED}${setIndex}`;
}

/** The round-robin marker of a range set; undefined where there is none, or it holds no address. */
export function readLastReserved(directory: string, setIndex: number): Address | undefined {
  return parseAddress(readLineIfFile(lastReservedPath(directory, setIndex)) ?? "");
}
