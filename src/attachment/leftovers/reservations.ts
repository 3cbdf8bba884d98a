/** Reservations and claims of containers whose attachments have no record: of networks by name. */

import { type Address, parseAddress } from "../../addr/address.ts";
import { parseOwner } from "../../ipam/owner.ts";
import { IpamStore } from "../../ipam/store.ts";
import { listDirectory } from "../../linux/directory.ts";
import { readTextIfFile } from "../../linux/file.ts";
import type { Report } from "../../linux/report.ts";
import { listReserved, POOL_DIR } from "../../network/usage.ts";
import { type Attachment, isAdditional } from "../attachment.ts";
import { listRecordedNetworks } from "../record/list.ts";
import { hasRecord } from "../record/store.ts";

/** One reservation. */
interface NamedReservation {
  /** The network by name. */
  readonly pool: string;
  readonly address: Address;
  readonly containerId: string;
  readonly ifname: string;
}

/**
 * Frees what is reserved for this container and interface; nothing where a record of another network of the runtime
 * says that it is in use there.
 */
export function releaseReservations({ network, containerId, ifname }: Attachment, report: Report): void {
  const own = listNamedReservations().filter(
    (held) => held.containerId === containerId && held.ifname === ifname,
  );
  if (own.length === 0) return;
  const others = listRecordedNetworks().filter((other) => other !== network);
  for (const held of own) if (!isRecorded(held, others)) release(held, report);
}

/**
 * Frees what is reserved for attachments without a record, where `isValid` does not know the container; nothing where
 * pods of another network of the runtime are here, which share these addresses.
 */
export function releaseUnrecorded(
  network: string,
  isValid: (containerId: string) => boolean,
  report: Report,
): void {
  if (listRecordedNetworks().some((other) => other !== network)) return;
  for (const held of listNamedReservations())
    if (!isValid(held.containerId) && !isRecorded(held, [network])) release(held, report);
}

/** The interfaces eth1, eth2, … of the container that have an address and no record: they came with its first one. */
export function listUnrecorded({ containerId, ifname }: Attachment): string[] {
  const others = listNamedReservations().filter(
    (held) => held.containerId === containerId && held.ifname !== ifname && isAdditional(held.ifname),
  );
  if (others.length === 0) return [];
  const networks = listRecordedNetworks();
  return [...new Set(others.filter((held) => !isRecorded(held, networks)).map((held) => held.ifname))];
}

/** Reads every reservation: not for the way of a pod whose record is there. */
function listNamedReservations(): NamedReservation[] {
  return listDirectory(POOL_DIR).flatMap((pool) =>
    listReserved(POOL_DIR, pool).flatMap((name) => {
      const owner = parseOwner(readTextIfFile(`${POOL_DIR}/${pool}/${name}`) ?? "");
      const address = parseAddress(name);
      if (owner?.ifname === undefined || address === undefined) return [];
      return { pool, address, containerId: owner.containerId, ifname: owner.ifname };
    }),
  );
}

/** `networks`: the runtime's, which share these addresses. */
function isRecorded({ containerId, ifname }: NamedReservation, networks: readonly string[]): boolean {
  return networks.some((network) => hasRecord({ network, containerId, ifname }));
}

function release({ pool, address, containerId, ifname }: NamedReservation, report: Report): void {
  using store = IpamStore.open(POOL_DIR, pool, report);
  store.release(address, { containerId, ifname });
}
