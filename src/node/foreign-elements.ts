/** Elements in our tables that no attachment put there: somebody did it by hand, or with another program. */

import { parseAttachment } from "../attachment/attachment.ts";
import type { Output } from "../attachment/output.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { ownerOf } from "../attachment/rules/ruleset.ts";
import { LazySocket } from "../netlink/lazy.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { describeElement } from "../nftables/elements/describe.ts";
import type { Element } from "../nftables/elements/element.ts";
import { listElements } from "../nftables/elements/query.ts";
import { SHARED_SETS } from "../nftables/sweep.ts";
import { findForeign } from "../nftables/tables/foreign.ts";
import { hasTable } from "../nftables/tables/query.ts";
import { TABLES } from "../nftables/tables/tables.ts";

/** In words of nft(8), with the comment that they bear. */
export interface ForeignElement {
  readonly element: string;
  readonly comment: string;
}

/** `records`: those whose marks are too long for a comment are told by its short form. */
export function listForeignElements(
  records: readonly AttachmentRecord[],
  { trace }: Output,
): ForeignElement[] {
  using lazy = new LazySocket(netfilter, { trace });
  const socket = lazy.getIfSupported();
  if (socket === undefined) return [];
  const owners = new Set(records.map(ownerOf));
  const isOurs = ({ set, owner }: Element) =>
    owner === "" ? SHARED_SETS.includes(set) : owners.has(owner) || parseAttachment(owner) !== undefined;
  return TABLES.filter((table) => hasTable(socket, table) && findForeign(socket, table) === undefined)
    .flatMap(({ kind, sets }) => sets.flatMap(({ name }) => listElements(socket, kind, name)))
    .filter((element) => !isOurs(element))
    .map((element) => ({ element: describeElement(element), comment: element.owner }));
}
