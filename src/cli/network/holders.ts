/** Who keeps a network from being deleted. */

import { type Address, formatAddress } from "../../addr/address.ts";
import { listRecords } from "../../attachment/record/list.ts";
import { freeEarlierBoots } from "../../ipam/boot.ts";
import type { Owner } from "../../ipam/owner.ts";
import { IpamStore } from "../../ipam/store.ts";
import { exists } from "../../linux/file.ts";
import { listEndpoints } from "../../network/files/read-files.ts";
import { POOL_DIR } from "../../network/usage.ts";
import { refused } from "../failure.ts";
import { enumerate } from "../format.ts";

/** `pool`: where it is locked already. @throws {Failure} naming the containers that have addresses of the network, and its endpoints */
export function requireUnused(configDir: string, network: string, pool?: IpamStore): void {
  const holders = listHolders(network, pool);
  const endpoints = listEndpoints(configDir)
    .endpoints.filter((endpoint) => endpoint.network === network)
    .map(({ namespace, name }) => `endpoint ${namespace}/${name}`);
  if (holders.length + endpoints.length === 0) return;
  const advice = [
    ...(holders.length === 0 ? [] : ["end these pods"]),
    ...(endpoints.length === 0 ? [] : ["delete its endpoints: podwire endpoint delete NAME --ns NAMESPACE"]),
  ];
  throw refused(
    `network "${network}" is in use: ${enumerate([...holders, ...endpoints])}`,
    advice.join("; "),
  );
}

/** Containers with a reservation, then those that only a record knows of. */
function listHolders(network: string, pool: IpamStore | undefined): string[] {
  const reserved = listReservations(network, pool).map(
    ({ address, owner }) =>
      `${formatAddress(address)} by container ${owner.containerId} (${owner.ifname ?? "?"})`,
  );
  const recorded = listRecords()
    .filter(({ named }) => named?.name === network)
    .map(({ containerId, ifname }) => `container ${containerId} (${ifname})`);
  return [...reserved, ...recorded.filter((holder) => !reserved.some((line) => line.endsWith(holder)))];
}

/** What is reserved now; what was before the last boot, or for nobody, is freed by this look. */
function listReservations(
  network: string,
  pool: IpamStore | undefined,
): { readonly address: Address; readonly owner: Owner }[] {
  if (pool !== undefined) return pool.list();
  if (!exists(`${POOL_DIR}/${network}`)) return [];
  using store = IpamStore.open(POOL_DIR, network, console.error);
  freeEarlierBoots(store, console.error);
  return store.list();
}
