/** Reclaiming: where nothing is free, a pod gets the address or virtual function of a dead one that nobody has deleted. */

import { formatAddress } from "../../addr/address.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { AddressUnavailable, PoolExhausted } from "../../ipam/allocate.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { BandwidthExhausted, NoFreeVf } from "../../sriov/no-free-vf.ts";
import { describeAttachment } from "../attachment.ts";
import { openSockets, removeAttachment } from "../del.ts";
import { toCniError } from "../errors.ts";
import { driverOf } from "../kinds/index.ts";
import type { Output } from "../output.ts";
import type { Addressing, HostLocalDirectory } from "../plan/ipam.ts";
import { type AttachmentPlan, attachmentOf } from "../plan/plan.ts";
import { listRecords } from "../record/list.ts";
import type { AttachmentRecord, RecordedAddressing } from "../record/record.ts";
import { factsOf } from "../removal.ts";
import { isPodGone, lookOnce, seemsGone } from "./liveness.ts";

export interface ReclaimContext extends Output {
  readonly plan: AttachmentPlan;
  readonly host: RouteSocket;
  /** Directories of delegated plugins. */
  readonly path: readonly string[];
}

/**
 * What `claim` returns. Where something is short, the DEL of pods that are gone is made, one after the other of those
 * that hold an address or a virtual function of the kind, until it does. No lock may be held: a removal takes that of the
 * addresses and that of the functions.
 * @throws what `claim` throws, or what keeps the function that was asked for from being taken back
 */
export function claimWithReclaim<Claimed>(context: ReclaimContext, claim: () => Claimed): Claimed {
  const dead = listDead(context.host, (record) => holdsWhatIsNeeded(record, context.plan));
  for (;;) {
    try {
      return claim();
    } catch (error) {
      const next = isShortage(error) ? dead.next().value : undefined;
      if (next === undefined) throw error;
      reclaim(next, context);
    }
  }
}

/** Something is used up, and may be free again. */
export function isShortage(error: unknown): boolean {
  if (error instanceof CniError) return error.code === CNI_ERROR.tryAgainLater;
  if (error instanceof AddressUnavailable) return error.mayComeFree;
  return [PoolExhausted, NoFreeVf, BandwidthExhausted].some((kind) => error instanceof kind);
}

/** Addresses of a pool that pods which are gone hold, as text. */
export function listDeadAddresses(pool: HostLocalDirectory, host: RouteSocket): Set<string> {
  const dead = [...listDead(host, ({ addressing }) => isOfPool(addressing, pool))];
  return new Set(dead.flatMap(({ ips = [] }) => ips.map(({ address }) => formatAddress(address))));
}

/** Whether ADD would make up for the error: dead pods hold what the plan needs. */
export function isReclaimable(error: unknown, { link }: AttachmentPlan, host: RouteSocket): boolean {
  const competes = (record: AttachmentRecord) => driverOf(link.kind).competes(record, link);
  return isShortage(error) && listDead(host, competes).next().done !== true;
}

/** Looks for the next one when that is asked for. */
function* listDead(
  host: RouteSocket,
  isWanted: (record: AttachmentRecord) => boolean,
): Generator<AttachmentRecord, undefined> {
  const look = lookOnce(host);
  for (const record of listRecords()) {
    if (isWanted(record) && seemsGone(record, look)) yield record;
  }
}

function holdsWhatIsNeeded(record: AttachmentRecord, { link, addressing }: AttachmentPlan): boolean {
  return isOfPool(record.addressing, addressing) || driverOf(link.kind).competes(record, link);
}

function isOfPool(addressing: RecordedAddressing, pool: Addressing | HostLocalDirectory): boolean {
  if (addressing.kind !== "host-local" || pool.kind !== "host-local") return false;
  return addressing.dataDir === pool.dataDir && addressing.network === pool.network;
}

/** One that was asked for by name is awaited; of several another may do. */
function reclaim(holder: AttachmentRecord, { plan, path, host: _, ...output }: ReclaimContext): void {
  using sockets = openSockets(output);
  const whole = attachmentOf({ ...holder, ifname: holder.primary ?? holder.ifname });
  const look = lookOnce(sockets.host);
  const what = `attachment ${describeAttachment(holder)}, whose pod is gone`;
  const mayRemove = (record?: AttachmentRecord) => record !== undefined && isPodGone(record, look);
  try {
    const isRemoved = removeAttachment(whole, { ...factsOf(whole, "", path), mayRemove }, sockets);
    if (isRemoved) output.report(`${what}, was removed for what it held`);
  } catch (error) {
    if (driverOf(plan.link.kind).isChosenByCaller(plan.link)) throw error;
    output.report(`${what}, cannot be removed: ${toCniError(error).message}`);
  }
}
