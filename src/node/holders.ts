/** Who holds the addresses of a pool, and whether any of them is still there. */

import { type Address, formatAddress, parseAddress } from "../addr/address.ts";
import { listLiving, seesAllProcesses } from "../attachment/leftovers/liveness.ts";
import type { HostLocalDirectory } from "../attachment/plan/ipam.ts";
import { listRecords } from "../attachment/record/list.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { isHeldBy, type Owner, parseOwner } from "../ipam/owner.ts";
import { listDirectory } from "../linux/directory.ts";
import { ignoringErrno } from "../linux/error.ts";
import { readTextIfFile } from "../linux/file.ts";
import { statFile } from "../linux/stat.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { listLiveAddresses } from "./live-addresses.ts";

/**
 * `live`: an attachment whose network namespace is there. `foreign`: no attachment of ours, yet an interface has the
 * address: a pod that the reference plugin started. `new`: reserved a moment ago, for an ADD that may still run.
 * `gone`: an attachment whose network namespace is gone. `stale`: nobody's.
 */
export type HolderState = "live" | "foreign" | "new" | "gone" | "stale";

export interface Holder {
  readonly address: Address;
  /** Undefined where the file names nobody. */
  readonly owner: Owner | undefined;
  readonly record: AttachmentRecord | undefined;
  readonly state: HolderState;
}

export type Directory = Pick<HostLocalDirectory, "dataDir" | "network">;

/** An ADD of the reference plugin has its address on an interface long before this, in milliseconds. */
const NEW_FOR_MS = 60_000;

/** What the node is asked once for all pools. */
export interface NodeFacts {
  recordOf(owner: Owner): AttachmentRecord | undefined;
  /** True where its pod is there. */
  isLive(record: AttachmentRecord): boolean;
  /** Looks into every namespace, once it is asked. */
  isOnInterface(address: Address): boolean;
}

export function readNodeFacts(): NodeFacts {
  const all = listRecords();
  const records = Map.groupBy(all, ({ containerId }) => containerId);
  let living: Set<AttachmentRecord> | undefined;
  let live: Set<string> | undefined;
  return {
    recordOf: (owner) => records.get(owner.containerId)?.find((record) => isHeldBy(owner, record)),
    isLive(record) {
      living ??= new Set(readLiving(all));
      return living.has(record);
    },
    isOnInterface(address) {
      if (!seesAllProcesses()) return true; // for all that can be known here
      live ??= listLiveAddresses();
      return live.has(formatAddress(address));
    },
  };
}

function readLiving(records: readonly AttachmentRecord[]): AttachmentRecord[] {
  using host = NetlinkSocket.open(rtnetlink);
  return listLiving(records, host);
}

/** In the order of addresses; from the files as they are, without the store's lock: no ADD waits for a person who looks. */
export function listHolders({ dataDir, network }: Directory, facts: NodeFacts): Holder[] {
  const directory = `${dataDir}/${network}`;
  const holders = listDirectory(directory).flatMap((name): Holder[] => {
    const address = parseAddress(name);
    const path = `${directory}/${name}`;
    const text = address === undefined ? undefined : readTextIfFile(path);
    if (address === undefined || text === undefined) return [];
    const owner = parseOwner(text);
    const record = owner === undefined ? undefined : facts.recordOf(owner);
    return [{ address, owner, record, state: stateOf({ path, address, record }, facts) }];
  });
  return holders.sort((a, b) => (a.address.value < b.address.value ? -1 : 1));
}

interface Reservation {
  readonly path: string;
  readonly address: Address;
  readonly record: AttachmentRecord | undefined;
}

function stateOf({ path, address, record }: Reservation, facts: NodeFacts): HolderState {
  if (record !== undefined) return facts.isLive(record) ? "live" : "gone";
  if (facts.isOnInterface(address)) return "foreign";
  const modifiedAt = ignoringErrno(() => statFile(path).modifiedAt, 0, "ENOENT");
  return Date.now() - modifiedAt * 1000 < NEW_FOR_MS ? "new" : "stale";
}

/** True where nothing is lost when the address is given to another. */
export function isFree({ state }: Holder): boolean {
  return state === "gone" || state === "stale";
}
