/** Puts an attachment's elements in; what belongs to attachments that are gone is taken over. */

import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { PodwireError } from "../../error/podwire-error.ts";
import { getLink } from "../../link/link.ts";
import { isErrno } from "../../linux/error.ts";
import { isNamespace } from "../../linux/netns.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import type { RouteSocket } from "../../netlink/route/protocol.ts";
import { applyChange, generationOf } from "../../nftables/apply.ts";
import { deleteCommandOf, describeClaim } from "../../nftables/elements/describe.ts";
import type { Element } from "../../nftables/elements/element.ts";
import { presentElements } from "../../nftables/elements/query.ts";
import type { Wanted } from "../../nftables/wanted.ts";
import { aliasOf, hostIfnameOf, isHostIfname, parseAttachment } from "../attachment.ts";
import { lockRecord } from "../record/store.ts";

const ATTEMPTS = 50;

/** A live attachment of the same container has one of the keys. */
export class HeldBySibling extends PodwireError {
  override readonly name = "HeldBySibling";
  readonly element: Element;

  constructor(element: Element) {
    super(`${describeClaim(element)} is held by ${element.owner}, of the same container`, {
      code: CNI_ERROR.alreadyExists,
      advice: "DEL its holder first, or ask for another port",
    });
    this.element = element;
  }
}

export interface Sockets {
  readonly netfilter: NetfilterSocket;
  readonly host: RouteSocket;
}

/**
 * One transaction: `unwanted` goes, the wanted elements come.
 * @throws {CniError} 100 where a live attachment has one of the keys, naming it, or nothing of podwire's has; {@link HeldBySibling} where that is of
 * the same container
 */
export function addElements(
  { netfilter, host }: Sockets,
  wanted: Wanted,
  unwanted: readonly Element[],
  owner: string,
): void {
  let suspects: readonly Element[] = [];
  const stale = new Set([owner]); // their records are locked by now: a second time would wait for ourselves
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const basis = suspects.length === 0 ? {} : { generation: generationOf(netfilter) };
    const strangers = presentElements(
      netfilter,
      suspects.filter(({ owner }) => owner !== ""),
    );
    strangers.forEach(refuseForeign);
    for (const stranger of strangers) {
      if (!stale.has(stranger.owner)) requireStale(stranger, host, owner);
      stale.add(stranger.owner);
    }
    const removed = [...(attempt === 0 ? unwanted : presentElements(netfilter, unwanted)), ...strangers];
    try {
      suspects = applyChange(netfilter, { ...wanted, ...basis, removed });
      if (suspects.length === 0) return;
    } catch (error) {
      if (!isErrno(error, "ERESTART")) throw error; // somebody changed a ruleset: look again
    }
  }
  throw new CniError(CNI_ERROR.tryAgainLater, "table inet podwire: changed by others again and again");
}

/** An element that bears no attachment's name is not podwire's to remove, and nobody else is going to. */
function refuseForeign(element: Element): void {
  if (parseAttachment(element.owner) !== undefined || isHostIfname(element.owner)) return;
  const problem = `${describeClaim(element)} is held by an element that podwire did not make`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, `remove it by ${deleteCommandOf(element)}`);
}

/**
 * Passes where the element is left of an attachment without a namespace, whose record is then locked, so that its DEL
 * finds the element already in other hands. A namespace that ends takes its interfaces along, also those outside.
 */
function requireStale(element: Element, host: RouteSocket, owner: string): void {
  const holder = parseAttachment(element.owner);
  const record = holder && lockRecord(holder)?.record;
  const isLeft = record === undefined || isNamespace(record.netns);
  const hostIfname = record?.hostIfname ?? (holder === undefined ? element.owner : hostIfnameOf(holder));
  const link = getLink(host, hostIfname);
  const isItsLink = holder === undefined || link?.ifalias === aliasOf(holder);
  if (!isLeft || link === undefined || !isItsLink) return;
  if (holder !== undefined && holder.containerId === parseAttachment(owner)?.containerId)
    throw new HeldBySibling(element);
  const problem = `${describeClaim(element)} is held by ${element.owner}`;
  throw new CniError(CNI_ERROR.alreadyExists, problem, "DEL its holder first, or ask for another port");
}
