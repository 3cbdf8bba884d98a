/** Releases addresses: those of one owner, or those whose owner is not valid. */

import type { Address } from "../addr/address.ts";
import { type Owner, sameOwner } from "./owner.ts";
import type { IpamStore } from "./store.ts";

/**
 * Frees every address of `owner`; without one, those of files that name its container alone (old host-local).
 *
 * Reads every reservation of the network: use it where it is not known which addresses the owner has.
 */
export function releaseOwned(store: IpamStore, owner: Required<Owner>): void {
  const reservations = store.list();
  const exact = reservations.filter((entry) => sameOwner(entry.owner, owner));
  const legacyOwner: Owner = { containerId: owner.containerId };
  const owned =
    exact.length > 0 ? exact : reservations.filter((entry) => sameOwner(entry.owner, legacyOwner));
  for (const entry of owned) store.release(entry.address, entry.owner);
}

/** Frees the addresses whose holder `isValid` does not know. @returns the addresses that were freed */
export function releaseInvalid(store: IpamStore, isValid: (owner: Owner) => boolean): Address[] {
  const invalid = store.list().filter((entry) => !isValid(entry.owner));
  return invalid.filter((entry) => store.release(entry.address, entry.owner)).map((entry) => entry.address);
}
