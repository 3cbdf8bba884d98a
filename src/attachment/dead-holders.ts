/** What pods that are gone still hold, because nobody has made their DEL: the next pod gets it. */

import { formatAddress } from "../addr/address.ts";
import { CNI_ERROR, CniError } from "../cni/error.ts";
import { AddressUnavailable, PoolExhausted } from "../ipam/allocate.ts";
import { SYSFS } from "../linux/sysfs.ts";
import { BandwidthExhausted, NoFreeVf } from "../sriov/no-free-vf.ts";
import { findVf } from "../sriov/sysfs.ts";
import { describeAttachment } from "./attachment.ts";
import { openSockets, removeAttachment } from "./del.ts";
import { toCniError } from "./errors.ts";
import { isGone } from "./liveness.ts";
import type { Output } from "./output.ts";
import type { Addressing, HostLocalFolder } from "./plan/ipam.ts";
import type { AttachmentPlan, LinkPlan } from "./plan/plan.ts";
import type { AttachmentRecord, RecordedAddressing, RecordedVf } from "./record.ts";
import { listNetworks, listRecords } from "./records.ts";
import { factsOf } from "./removal.ts";

export interface Succeeding extends Output {
  readonly plan: Pick<AttachmentPlan, "link" | "addressing">;
  /** Folders of delegated plugins. */
  readonly path: readonly string[];
}

/**
 * What `claim` returns. Where something is short, the DEL of pods that are gone is made, one after the other of those
 * that hold an address or a virtual function of the kind, until it does. No lock may be held: a removal takes that of the
 * addresses and that of the functions.
 * @throws what `claim` throws, or what keeps the function that was asked for from being taken back
 */
export function claimAfterDead<Claimed>(succeeding: Succeeding, claim: () => Claimed): Claimed {
  const dead = listDead((record) => mayHelp(record, succeeding.plan));
  for (;;) {
    try {
      return claim();
    } catch (error) {
      const next = isShortage(error) ? dead.next().value : undefined;
      if (next === undefined) throw error;
      takeBack(next, succeeding);
    }
  }
}

function isShortage(error: unknown): boolean {
  if (error instanceof CniError) return error.code === CNI_ERROR.tryAgainLater;
  if (error instanceof AddressUnavailable) return error.mayComeFree;
  return [PoolExhausted, NoFreeVf, BandwidthExhausted].some((kind) => error instanceof kind);
}

/** Addresses of a pool that pods which are gone hold, as text. */
export function listDeadAddresses(pool: HostLocalFolder): Set<string> {
  const dead = [...listDead(({ addressing }) => isOfPool(addressing, pool))];
  return new Set(dead.flatMap(({ ips = [] }) => ips.map(({ address }) => formatAddress(address))));
}

/** Whether ADD would make up for the error: pods that are gone hold virtual functions of the kind. */
export function isDueToDead(error: unknown, link: LinkPlan): boolean {
  return isShortage(error) && listDead(({ vf }) => isOfCard(vf, link)).next().done !== true;
}

/** Looks for the next one when that is asked for. */
function* listDead(isWanted: (record: AttachmentRecord) => boolean): Generator<AttachmentRecord, undefined> {
  for (const record of listNetworks().flatMap(listRecords)) {
    if (isWanted(record) && isGone(record)) yield record;
  }
}

function mayHelp({ addressing, vf }: AttachmentRecord, plan: Succeeding["plan"]): boolean {
  return isOfPool(addressing, plan.addressing) || isOfCard(vf, plan.link);
}

function isOfPool(addressing: RecordedAddressing, pool: Addressing | HostLocalFolder): boolean {
  if (addressing.kind !== "host-local" || pool.kind !== "host-local") return false;
  return addressing.dataDir === pool.dataDir && addressing.network === pool.network;
}

function isOfCard(vf: RecordedVf | undefined, link: LinkPlan): boolean {
  if (vf === undefined || link.kind !== "sriov") return false;
  const { attach, deviceId } = link;
  return deviceId === undefined
    ? attach.pfs.includes(vf.pf)
    : findVf(SYSFS, deviceId)?.pciAddress === vf.pciAddress;
}

/** One that was asked for by name is awaited; of several another may do. */
function takeBack(holder: AttachmentRecord, { plan, path, ...output }: Succeeding): void {
  using sockets = openSockets(output);
  const whole = { ...holder, ifname: holder.primary ?? holder.ifname };
  const what = `attachment ${describeAttachment(holder)}, whose pod is gone`;
  const mayRemove = (record?: AttachmentRecord) => record !== undefined && isGone(record);
  try {
    const isRemoved = removeAttachment(whole, { ...factsOf(whole, "", path), mayRemove }, sockets);
    if (isRemoved) output.report(`${what}, was removed for what it held`);
  } catch (error) {
    if (plan.link.kind === "sriov" && plan.link.deviceId !== undefined) throw error;
    output.report(`${what}, cannot be removed: ${toCniError(error).message}`);
  }
}
