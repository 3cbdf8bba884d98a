/** Changes to our tables: each one transaction, made whole first where somebody has emptied or removed them. */

import { NetlinkError, type Refusal } from "../netlink/error.ts";
import type { NetfilterRequest, NetfilterSocket } from "../netlink/netfilter/protocol.ts";
import type { Element } from "./elements/element.ts";
import { presentElements } from "./elements/query.ts";
import { addElementRequests, deleteElementRequests } from "./elements/requests.ts";
import { listForeignTables } from "./tables/foreign.ts";
import { hashedChainRequests } from "./tables/hashed-chain.ts";
import { isDormant } from "./tables/query.ts";
import { tableRequest, tableRequests } from "./tables/requests.ts";
import { inetTable } from "./tables/tables.ts";
import { hashedChainsOf, tablesOf, type Wanted } from "./wanted.ts";
import { isBaseWhole } from "./whole.ts";

const ATTEMPTS = 10;

/** A change: elements that go, then elements that come. */
export interface Change extends Wanted {
  readonly removed: readonly Element[];
  /** What the choice of the removed ones stands on: `generationOf` before they were looked up. */
  readonly generation?: number;
}

/** Number of the last change of the namespace's rulesets, whosoever it was. */
export function generationOf(socket: NetfilterSocket): number {
  return socket.get({ message: "NFT_MSG_GETGEN", body: {} }, "NFT_MSG_NEWGEN")[0]?.NFTA_GEN_ID ?? 0;
}

/**
 * Applies the change in one transaction, with the base tables and the chain where they are not whole.
 *
 * @returns the elements to look at before another try, for what has their keys or was to be removed is not as it was
 *   thought; then nothing was changed. Empty: done
 * @throws {ForeignTable} another program has made a table of our name; {@link NetlinkError} EOPNOTSUPP, EINVAL: this
 *   kernel has no nf_tables, or lacks an expression; ERESTART: the rulesets have changed since `generation`
 */
export function applyChange(socket: NetfilterSocket, change: Change): Element[] {
  let isWhole = isBaseWhole(socket, change);
  for (let attempt = 1; ; attempt++) {
    const base = isWhole ? tablesOf(change).map(tableRequest) : baseRequests(change);
    const removals = deleteElementRequests(change.removed);
    const additions = addElementRequests(change.elements);
    const before = base.length + removals.length;
    const requests = [...base, ...removals, ...additions.map(({ request }) => request)];
    const refusals = socket.transact(requests, change.generation);
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal === undefined) return [];
    const taken = additions.filter((_, index) => refusals[before + index]?.errno === "EEXIST");
    if (taken.length > 0) return taken.flatMap(({ elements }) => elements);
    if (refusal.errno !== "ENOENT" || attempt === ATTEMPTS) mend(socket, change, refusal);
    // Somebody removed the base, or what was to be removed, since we looked.
    else if (removals.length > 0 && isWhole) return [...change.elements];
    isWhole = false;
  }
}

/**
 * Wakes dormant tables by themselves, for the transaction that wakes one may put no chain into it (EINVAL).
 * @throws {ForeignTable} {@link NetlinkError} the refusal, where no table is dormant, or that of waking one
 */
function mend(socket: NetfilterSocket, wanted: Wanted, refusal: Refusal): void {
  const tables = tablesOf(wanted);
  const [foreign] = listForeignTables(socket, tables);
  if (foreign !== undefined) throw foreign;
  const dormant = tables.filter((table) => isDormant(socket, table));
  if (dormant.length === 0) throw new NetlinkError(refusal);
  const refused = socket.transact(dormant.map(tableRequest)).find((each) => each !== undefined);
  if (refused !== undefined) throw new NetlinkError(refused);
}

function baseRequests(wanted: Wanted): NetfilterRequest[] {
  const requests = tablesOf(wanted).flatMap(tableRequests);
  let firstId = inetTable.sets.length + 1;
  for (const chain of hashedChainsOf(wanted)) {
    requests.push(...hashedChainRequests(chain, firstId));
    firstId += chain.rules.length;
  }
  return requests;
}

/** Removes elements in one transaction; those that are gone are no fault, nor is a kernel without our tables. */
export function removeElements(socket: NetfilterSocket, elements: readonly Element[]): void {
  let left = elements;
  for (let attempt = 1; left.length > 0; attempt++) {
    const refusal = socket.transact(deleteElementRequests(left)).find((each) => each !== undefined);
    if (refusal === undefined) return;
    if (refusal.errno !== "ENOENT" || attempt === ATTEMPTS) throw new NetlinkError(refusal);
    left = presentElements(socket, left);
  }
}
