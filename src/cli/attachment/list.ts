/** `podwire attachments`: every interface of every pod on this node. */

import { listRecords } from "../../attachment/record/list.ts";
import type { Call } from "../command.ts";
import { type OutputOptions, printList } from "../print.ts";
import { isNamedPod } from "./find.ts";
import { ATTACHMENT_VIEW, inOrder, type ListedAttachment, toListed } from "./view.ts";

export interface ListOptions extends OutputOptions {
  readonly network?: string;
  readonly pod?: string;
  readonly container?: string;
  readonly gone?: true;
}

export function listAttachments({ options }: Call<ListOptions>): void {
  const all = listRecords().map(toListed);
  printList(options, ATTACHMENT_VIEW, inOrder(all.filter((listed) => isMeant(listed, options))));
}

function isMeant({ record, isAlive }: ListedAttachment, wanted: ListOptions): boolean {
  const { network, pod, container = "", gone } = wanted;
  return (
    (network === undefined || record.network === network || record.named?.name === network) &&
    (pod === undefined || isNamedPod(record, pod)) &&
    record.containerId.startsWith(container) &&
    (gone === undefined || !isAlive)
  );
}
