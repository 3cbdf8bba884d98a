/** The claim on an attachment: its addresses chosen under the store's lock and written down before anything is made. */

import type { Prefix } from "../addr/prefix.ts";
import type { Request } from "../cni/request.ts";
import { type Allocation, allocate } from "../ipam/allocate.ts";
import { freeEarlierBoots } from "../ipam/boot.ts";
import { IpamStore } from "../ipam/store.ts";
import type { Addressing, HostLocal } from "./config/ipam.ts";
import type { Output } from "./output.ts";
import type { AttachmentPlan } from "./plan.ts";
import { type AttachmentRecord, type RecordedAddressing, writeRecord } from "./record.ts";

/** Addresses that are chosen and not reserved yet; the store stays locked until they are. */
export interface Choice {
  readonly store: IpamStore;
  readonly pool: HostLocal;
  readonly allocations: readonly Allocation[];
}

export interface Claim {
  readonly record: AttachmentRecord;
  /** Open descriptor of the record. */
  readonly recordFd: number;
  /** Only where we give the addresses ourselves. */
  readonly choice: Choice | undefined;
}

/**
 * Chooses addresses and writes the record, so that whoever cleans up after a killed ADD knows what to look for.
 * @throws {AttachmentExists} {@link PoolExhausted} {@link AddressUnavailable} {@link LockTimeout}; nothing was made
 */
export function claimAttachment(request: Request, plan: AttachmentPlan, mtu: number, output: Output): Claim {
  const choice = plan.addressing.kind === "host-local" ? choose(plan.addressing, plan, output) : undefined;
  const record: AttachmentRecord = {
    ...plan.attachment,
    netns: request.netns,
    hostIfname: plan.hostIfname,
    bridge: plan.config.bridge,
    mtu,
    addressing: recordedAddressing(request, plan.addressing),
    ...(plan.addressing.kind === "delegate" ? {} : { ips: chosenIps(choice) }),
    ...(plan.traffic === undefined ? {} : { traffic: plan.traffic }),
    ...(plan.config.forward ? { forward: true } : {}),
    ...(plan.shaping === undefined ? {} : { shaping: plan.shaping }),
    createdAt: new Date().toISOString(),
  };
  try {
    return { record, recordFd: writeRecord(record), choice };
  } catch (error) {
    choice?.store[Symbol.dispose]();
    throw error;
  }
}

function chosenIps(choice: Choice | undefined): Prefix[] {
  return (choice?.allocations ?? []).map((allocation) => allocation.address);
}

function choose(pool: HostLocal, plan: AttachmentPlan, output: Output): Choice {
  const store = IpamStore.open(pool.dataDir, plan.attachment.network, output.report);
  try {
    if (!pool.keepAcrossReboots) freeEarlierBoots(store, output.report);
    return { store, pool, allocations: allocate(pool.sets, pool.requested, store) };
  } catch (error) {
    store[Symbol.dispose]();
    throw error;
  }
}

function recordedAddressing(request: Request, addressing: Addressing): RecordedAddressing {
  if (addressing.kind === "none") return addressing;
  if (addressing.kind === "delegate") return { ...addressing, netconf: request.stdin };
  return { kind: "host-local", dataDir: addressing.dataDir };
}
