/** The records of this node's attachments, by network; nobody waits for an ADD that still runs. */

import { listFolder } from "../linux/file.ts";
import { statFile } from "../linux/stat.ts";
import type { Attachment } from "./attachment.ts";
import { type AttachmentRecord, folderOf, RECORD_ROOT, readRecordFile } from "./record.ts";

/** The networks that have or had attachments on this node. */
export function listNetworks(): string[] {
  return listFolder(RECORD_ROOT).filter(
    (name) => !name.startsWith(".") && !statFile(`${RECORD_ROOT}/${name}`).isRegular,
  );
}

/** The attachments of a container that its first interface's record would name, where there is none. */
export function listCompanions({ network, containerId, ifname }: Attachment): string[] {
  const isOurs = (name: string) => name.startsWith(`${containerId}:`);
  return readRecords(network, isOurs).flatMap((record) =>
    record.containerId === containerId && record.primary === ifname ? [record.ifname] : [],
  );
}

/** The records of one network, unlocked; those that cannot be read are passed over. */
export function listRecords(network: string): AttachmentRecord[] {
  return readRecords(network, () => true);
}

function readRecords(network: string, isWanted: (name: string) => boolean): AttachmentRecord[] {
  const folder = folderOf(network);
  const names = listFolder(folder).filter((name) => name.endsWith(".json") && isWanted(name));
  return names.flatMap((name) => readRecordFile(`${folder}/${name}`) ?? []);
}
