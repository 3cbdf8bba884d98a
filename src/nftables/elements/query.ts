/** What the kernel has in our tables: elements by their keys, or all of a set. */

import { ignoringErrno } from "../../linux/error.ts";
import type { SetElement } from "../../netlink/netfilter/nf-tables.ts";
import type { NetfilterSocket } from "../../netlink/netfilter/protocol.ts";
import { hasTable, requireNfTables } from "../tables/query.ts";
import { TABLES } from "../tables/tables.ts";
import type { Element } from "./element.ts";
import { getElementRequest, listElementsRequest, toElements } from "./requests.ts";

/**
 * For each of the elements, what the kernel has under its key; undefined where there is nothing, also where a foreign
 * set of that name has keys of another length (EINVAL).
 */
export function findElements(socket: NetfilterSocket, elements: readonly Element[]): (Element | undefined)[] {
  return socket.exchange(elements.map(getElementRequest)).map(({ replies, refusal }, index) => {
    if (refusal?.errno !== "EINVAL") requireNfTables(refusal);
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
  return TABLES.filter((table) => hasTable(socket, table))
    .flatMap(({ kind, sets }) => sets.flatMap(({ name }) => listElements(socket, kind, name)))
    .filter((element) => element.owner !== "");
}

/** All elements of a set; none where there is no such set. */
export function listElements(socket: NetfilterSocket, table: Element["table"], set: string): Element[] {
  const request = listElementsRequest(table, set);
  const messages = ignoringErrno(() => socket.dump(request, "NFT_MSG_NEWSETELEM"), [], "ENOENT");
  return messages.flatMap((message) => toElements(table, message));
}

/** The same as the kernel shows it; throws ENOENT where there is no such set. */
export function dumpSet(socket: NetfilterSocket, table: Element["table"], set: string): SetElement[] {
  return socket
    .dump(listElementsRequest(table, set), "NFT_MSG_NEWSETELEM")
    .flatMap((message) => message.NFTA_SET_ELEM_LIST_ELEMENTS ?? []);
}
