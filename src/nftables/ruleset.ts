/** Changes to our tables: each one transaction, made whole first where somebody has emptied or removed them. */

import { ignoringErrno } from "../linux/error.ts";
import { NetlinkError, type Refusal } from "../netlink/error.ts";
import type { netfilter } from "../netlink/netfilter/protocol.ts";
import type { NetlinkSocket } from "../netlink/socket.ts";
import { bridgeTable } from "./bridge-table.ts";
import {
  addElementRequests,
  deleteElementRequests,
  type Element,
  getElementRequest,
  listElementsRequest,
  toElements,
} from "./element.ts";
import { inetTable } from "./inet-table.ts";
import { CHAIN_RULES, type MasqueradeChain, masqueradeChainRequests } from "./masquerade.ts";
import { type NetfilterRequest, TABLE_NAME, type TableDefinition, tableRequests } from "./table.ts";

export type NetfilterSocket = NetlinkSocket<typeof netfilter>;

const ATTEMPTS = 10;

/** What an attachment wants of the ruleset. */
export interface Wanted {
  readonly chain: MasqueradeChain | undefined;
  readonly elements: readonly Element[];
}

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
 * @throws {NetlinkError} EOPNOTSUPP, EINVAL: this kernel has no nf_tables, or lacks an expression; ERESTART: the
 *   rulesets have changed since `generation`
 */
export function applyChange(socket: NetfilterSocket, change: Change): Element[] {
  let isWhole = isBaseWhole(socket, change);
  for (let attempt = 1; ; attempt++) {
    const base = isWhole ? [] : baseRequests(change);
    const removals = deleteElementRequests(change.removed);
    const additions = addElementRequests(change.elements);
    const before = base.length + removals.length;
    const requests = [...base, ...removals, ...additions.map(({ request }) => request)];
    const refusals = socket.transact(requests, change.generation);
    const refusal = refusals.find((each) => each !== undefined);
    if (refusal === undefined) return [];
    const taken = additions.filter((_, index) => refusals[before + index]?.errno === "EEXIST");
    if (taken.length > 0) return taken.flatMap(({ elements }) => elements);
    // Somebody removed the base, or what was to be removed, since we looked.
    if (refusal.errno !== "ENOENT" || attempt === ATTEMPTS) throw new NetlinkError(refusal);
    if (removals.length > 0 && isWhole) return [...change.elements];
    isWhole = false;
  }
}

export function tablesOf({ elements }: Wanted): TableDefinition[] {
  const isUsed = (table: Element["table"]) => elements.some((element) => element.table === table);
  return [...(isUsed("inet") ? [inetTable] : []), ...(isUsed("bridge") ? [bridgeTable] : [])];
}

function baseRequests(wanted: Wanted): NetfilterRequest[] {
  return [
    ...tablesOf(wanted).flatMap(tableRequests),
    ...(wanted.chain === undefined ? [] : masqueradeChainRequests(wanted.chain)),
  ];
}

/** True where every chain that the elements need has as many rules and references as it should. */
export function isBaseWhole(socket: NetfilterSocket, wanted: Wanted): boolean {
  const wantedUse: number[] = [];
  const requests: NetfilterRequest[] = [];
  for (const { family, chains } of tablesOf(wanted)) {
    for (const { name, use } of chains) {
      wantedUse.push(use);
      requests.push(getChainRequest(family, name));
    }
  }
  const uses = socket.exchange(requests).map(({ replies, refusal }) => {
    requireNfTables(refusal);
    return socket.decode(replies, "NFT_MSG_NEWCHAIN")[0]?.NFTA_CHAIN_USE;
  });
  for (let index = 0; index < wantedUse.length; index++) if (uses[index] !== wantedUse[index]) return false;
  return wanted.chain === undefined || ruleCount(socket, wanted.chain.name) === CHAIN_RULES;
}

/** Every chain, of other programs too. None also where this kernel has no nf_tables. */
export function listChains(socket: NetfilterSocket) {
  const dump = () => socket.dump({ message: "NFT_MSG_GETCHAIN", body: {} }, "NFT_MSG_NEWCHAIN");
  return ignoringErrno(dump, [], "EINVAL", "EOPNOTSUPP");
}

function getChainRequest(nfgen_family: number, name: string): NetfilterRequest {
  const body = { nfgen_family, NFTA_CHAIN_TABLE: TABLE_NAME, NFTA_CHAIN_NAME: name };
  return { message: "NFT_MSG_GETCHAIN", body };
}

/** A missing object is an answer; anything else says that the kernel cannot be asked. */
function requireNfTables(refusal: Refusal | undefined): void {
  if (refusal !== undefined && refusal.errno !== "ENOENT") throw new NetlinkError(refusal);
}

/** How many rules a chain of `table inet podwire` has; 0 where it does not exist. */
function ruleCount(socket: NetfilterSocket, chain: string): number {
  return listRules(socket, inetTable.family, chain).length;
}

export function listRules(socket: NetfilterSocket, nfgen_family: number, chain: string) {
  const body = { nfgen_family, NFTA_RULE_TABLE: TABLE_NAME, NFTA_RULE_CHAIN: chain };
  return ignoringErrno(
    () => socket.dump({ message: "NFT_MSG_GETRULE", body }, "NFT_MSG_NEWRULE"),
    [],
    "ENOENT",
  );
}

/** For each of the elements, what the kernel has under its key; undefined where there is nothing. */
export function findElements(socket: NetfilterSocket, elements: readonly Element[]): (Element | undefined)[] {
  return socket.exchange(elements.map(getElementRequest)).map(({ replies, refusal }, index) => {
    requireNfTables(refusal);
    const [message] = socket.decode(replies, "NFT_MSG_NEWSETELEM");
    const table = elements[index]?.table ?? "inet";
    return message === undefined ? undefined : toElements(table, message)[0];
  });
}

/** Those of the elements whose keys the kernel has, as it has them. */
export function presentElements(socket: NetfilterSocket, elements: readonly Element[]): Element[] {
  return findElements(socket, elements).filter((found) => found !== undefined);
}

/** All elements of our tables that belong to an attachment: the whole of each set, for when nobody knows the keys. */
export function listOwnedElements(socket: NetfilterSocket): Element[] {
  return ([inetTable, bridgeTable] as const)
    .filter((table) => hasTable(socket, table))
    .flatMap(({ kind, sets }) => sets.flatMap(({ name }) => listElements(socket, kind, name)))
    .filter((element) => element.owner !== "");
}

/** False also where the kernel has no nf_tables at all. */
export function hasTable(socket: NetfilterSocket, { family }: TableDefinition): boolean {
  const body = { nfgen_family: family, NFTA_TABLE_NAME: TABLE_NAME };
  return socket
    .exchange([{ message: "NFT_MSG_GETTABLE", body }])
    .every(({ refusal }) => refusal === undefined);
}

export function listElements(socket: NetfilterSocket, table: Element["table"], set: string): Element[] {
  const request = listElementsRequest(table, set);
  const messages = ignoringErrno(() => socket.dump(request, "NFT_MSG_NEWSETELEM"), [], "ENOENT");
  return messages.flatMap((message) => toElements(table, message));
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
