/** Virtual functions that pods which are gone still hold, because nobody has made their DEL: the next pod gets them. */

import { CNI_ERROR, CniError } from "../cni/error.ts";
import { CLAIMS_ROOT, listClaims, readClaim, VfTaken } from "../sriov/claims.ts";
import { BandwidthExhausted, NoFreeVf } from "../sriov/no-free-vf.ts";
import { findVf, SYSFS, type Vf } from "../sriov/sysfs.ts";
import { describeAttachment, parseAttachment } from "./attachment.ts";
import { IncompleteRemoval, openSockets, removeAttachment } from "./del.ts";
import { toCniError } from "./errors.ts";
import { isGone } from "./liveness.ts";
import type { Output } from "./output.ts";
import type { SriovPlan } from "./plan.ts";
import { type AttachmentRecord, readRecord } from "./record.ts";
import { removalRequestOf } from "./removal-request.ts";

/** A function and the record of who holds it. */
interface Held {
  readonly pciAddress: string;
  readonly holder: AttachmentRecord;
}

export interface Succeeding extends Output {
  readonly link: Pick<SriovPlan, "attach" | "deviceId">;
  /** Folders of delegated plugins. */
  readonly path: readonly string[];
}

/**
 * What `claim` returns. Where it finds nothing free, the DEL of pods that are gone is made, one after the other of those
 * that hold a function which the plan may take, until it does. No lock may be held: a removal takes that of the
 * addresses and that of the functions.
 * @throws what `claim` throws; {@link IncompleteRemoval} the function that was asked for cannot be taken back
 */
export function claimAfterDead<Claimed>(succeeding: Succeeding, claim: () => Claimed): Claimed {
  const dead = listDead(succeeding.link);
  for (;;) {
    try {
      return claim();
    } catch (error) {
      const next = mayComeFree(error) ? dead.next().value : undefined;
      if (next === undefined) throw error;
      takeBack(next, succeeding);
    }
  }
}

function mayComeFree(error: unknown): boolean {
  if (error instanceof CniError) return error.code === CNI_ERROR.tryAgainLater;
  return error instanceof NoFreeVf || error instanceof BandwidthExhausted || error instanceof VfTaken;
}

/** Looks for the next one when that is asked for. */
function* listDead({ attach, deviceId }: Succeeding["link"]): Generator<Held, undefined> {
  for (const address of deviceId === undefined ? listClaims(CLAIMS_ROOT).keys() : [deviceId]) {
    const vf = findVf(SYSFS, address);
    const holder = vf && attach.pfs.includes(vf.pf) ? holderOf(vf) : undefined;
    if (vf !== undefined && holder !== undefined && isGone(holder))
      yield { pciAddress: vf.pciAddress, holder };
  }
}

function holderOf({ pciAddress }: Vf): AttachmentRecord | undefined {
  const owner = readClaim(CLAIMS_ROOT, pciAddress)?.owner;
  const attachment = owner === undefined ? undefined : parseAttachment(owner);
  return attachment && readRecord(attachment);
}

function takeBack({ pciAddress, holder }: Held, { link, path, ...output }: Succeeding): void {
  using sockets = openSockets(output);
  const whole = { ...holder, ifname: holder.primary ?? holder.ifname };
  const what = `virtual function ${pciAddress} of ${describeAttachment(holder)}, which is gone`;
  try {
    removeAttachment(removalRequestOf(whole, "", path), sockets, output);
    output.report(`${what}, was taken back`);
  } catch (error) {
    if (!(error instanceof IncompleteRemoval) || link.deviceId !== undefined) throw error;
    output.report(`${what}, cannot be taken back: ${toCniError(error).message}`);
  }
}
