/** The attachments that a person means. */

import { describeAttachment } from "../../attachment/attachment.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { refused } from "../failure.ts";
import { enumerate, shortId } from "../format.ts";
import { compareNames } from "./view.ts";

/**
 * All interfaces of one container, the runtime's first.
 *
 * `text`: a pod's name, with or without its namespace, the beginning of a container ID, or what messages name an
 * attachment by: `network/container ID/interface`.
 * @throws {Failure} none is meant, or several containers are
 */
export function requireAttachments(text: string): readonly [AttachmentRecord, ...AttachmentRecord[]] {
  const [first, ...others] = findAttachments(text, listRecords());
  if (first === undefined)
    throw refused(`no attachment is called "${text}"`, "podwire attachments lists what there is");
  const rivals = others.filter(({ containerId }) => containerId !== first.containerId);
  if (rivals.length > 0) {
    const names = [...new Set([first, ...rivals].map(describeContainer))];
    throw refused(
      `"${text}" can be any of ${enumerate(names)}`,
      "give more of the container ID, or the pod's name as NAMESPACE/NAME",
    );
  }
  return [first, ...others];
}

function describeContainer({ containerId, pod }: AttachmentRecord): string {
  const id = shortId(containerId);
  return pod === undefined ? id : `${id} (${pod.namespace}/${pod.name})`;
}

/** A whole name counts before the beginning of a container ID. */
export function findAttachments(text: string, records: readonly AttachmentRecord[]): AttachmentRecord[] {
  const ways: ((record: AttachmentRecord) => boolean)[] = [
    (record) => describeAttachment(record) === text,
    (record) => record.containerId === text || isNamedPod(record, text),
    (record) => text !== "" && record.containerId.startsWith(text),
  ];
  for (const isMeant of ways) {
    const found = records.filter(isMeant);
    if (found.length > 0) return found.sort(byInterface);
  }
  return [];
}

function byInterface(a: AttachmentRecord, b: AttachmentRecord): number {
  const primaries = Number(a.primary !== undefined) - Number(b.primary !== undefined);
  return compareNames(a.containerId, b.containerId) || primaries || compareNames(a.ifname, b.ifname);
}

/** True where the attachment is that pod's: `namespace/name`, or a name in any namespace. */
export function isNamedPod({ pod }: AttachmentRecord, text: string): boolean {
  return pod !== undefined && (text === pod.name || text === `${pod.namespace}/${pod.name}`);
}
