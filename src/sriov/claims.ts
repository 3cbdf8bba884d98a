/** Claims of VFs: one symbolic link for each, made and read atomically. */

import { CNI_ERROR } from "../error/code.ts";
import { PodwireError } from "../error/podwire-error.ts";
import { listDirectory } from "../linux/directory.ts";
import { isErrno } from "../linux/error.ts";
import { createSymlink, readLink, removeFile } from "../linux/file.ts";
import { takeLock } from "../linux/lock.ts";

export const CLAIMS_ROOT = "/run/podwire/.vfs";

const LOCK_NAME = ".lock";

export interface VfClaim {
  /** "NETWORK/CONTAINER-ID/IFNAME" */
  readonly owner: string;
  /** Bandwidth of the physical function that is set aside, in Mbit/s; 0 for none. */
  readonly minMbps: number;
}

/** The claims of a node, held by this process until it is disposed of. */
export interface ClaimsLock {
  readonly root: string;
  [Symbol.dispose](): void;
}

export class VfTaken extends PodwireError {
  override readonly name = "VfTaken";
  readonly pciAddress: string;
  /** Undefined where it was released in between. */
  readonly holder: string | undefined;

  constructor(pciAddress: string, holder: string | undefined) {
    super(`VF ${pciAddress} is held by ${holder ?? "another attachment"}`, {
      code: CNI_ERROR.tryAgainLater,
      advice: "it comes free with the DEL of its holder",
    });
    this.pciAddress = pciAddress;
    this.holder = holder;
  }
}

/** Takes the lock on all claims: whoever chooses, claims or releases. @throws {LockTimeout} */
export function lockClaims(root: string): ClaimsLock {
  return { root, ...takeLock(`${root}/${LOCK_NAME}`) };
}

/** Every claim by PCI address. Without the lock it is good for showing only. */
export function listClaims(root: string): Map<string, VfClaim> {
  const claims = new Map<string, VfClaim>();
  for (const name of listDirectory(root)) {
    const claim = readClaim(root, name); // none of the lock: that is a file
    if (claim !== undefined) claims.set(name, claim);
  }
  return claims;
}

/** The claim on one VF; undefined where it is free. */
export function readClaim(root: string, pciAddress: string): VfClaim | undefined {
  const text = readLink(`${root}/${pciAddress}`);
  if (text === undefined) return undefined;
  const space = text.indexOf(" ");
  return { minMbps: Number(text.slice(0, space)), owner: text.slice(space + 1) };
}

/** PCI address of a VF that the owner holds; undefined where it holds none. */
export function findClaim(root: string, owner: string): string | undefined {
  return [...listClaims(root)].find(([, claim]) => claim.owner === owner)?.[0];
}

/** @throws {VfTaken} it has a holder, the same owner included; nothing was changed */
export function claimVf({ root }: ClaimsLock, pciAddress: string, { owner, minMbps }: VfClaim): void {
  try {
    createSymlink(`${minMbps} ${owner}`, `${root}/${pciAddress}`);
  } catch (error) {
    if (isErrno(error, "EEXIST")) throw new VfTaken(pciAddress, readClaim(root, pciAddress)?.owner);
    throw error;
  }
}

/** Gives a VF back; false where that owner does not hold it. */
export function releaseClaim({ root }: ClaimsLock, pciAddress: string, owner: string): boolean {
  if (readClaim(root, pciAddress)?.owner !== owner) return false;
  return removeFile(`${root}/${pciAddress}`);
}
