/** What attachments without a record hold by name: addresses of named networks, virtual functions. */

import type { Owner } from "../ipam/owner.ts";
import { releaseInvalid, releaseOwned } from "../ipam/release.ts";
import { IpamStore } from "../ipam/store.ts";
import { exists, listFolder } from "../linux/file.ts";
import { statFile } from "../linux/stat.ts";
import { POOL_DIR } from "../network/usage.ts";
import { CLAIMS_ROOT, lockClaims } from "../sriov/claims.ts";
import type { Output } from "./output.ts";
import { listNetworks, listRecords } from "./record.ts";
import { liveClaims } from "./vf-choice.ts";

/** Frees whatever addresses of named networks are reserved for that interface. */
export function releaseNamed(owner: Required<Owner>, { report }: Pick<Output, "report">): void {
  const { containerId, ifname } = owner;
  for (const network of listPools()) {
    using store = IpamStore.open(POOL_DIR, network, report);
    releaseOwned(store, { containerId, ifname });
  }
}

/**
 * Frees the addresses of named networks whose container has no record and is not in `valid`. Each pool is locked
 * meanwhile: an ADD writes its record, then reserves, under that lock.
 */
export function releaseUnrecorded(
  valid: readonly Pick<Owner, "containerId">[],
  { report }: Pick<Output, "report">,
): void {
  for (const network of listPools()) {
    using store = IpamStore.open(POOL_DIR, network, report);
    const known = [...valid, ...listNetworks().flatMap(listRecords)];
    const ids = new Set(known.map(({ containerId }) => containerId));
    releaseInvalid(store, ({ containerId }) => ids.has(containerId));
  }
}

/** What a person has put beside them is no pool. */
function listPools(): string[] {
  return listFolder(POOL_DIR).filter((name) => !statFile(`${POOL_DIR}/${name}`).isRegular);
}

/** Gives back the virtual functions of attachments without a record. */
export function releaseUnrecordedVfs(): void {
  if (!exists(CLAIMS_ROOT)) return;
  using lock = lockClaims(CLAIMS_ROOT);
  liveClaims(lock);
}
