/** The records of this node's attachments; nobody waits for an ADD that still runs. */

import { listDirectory } from "../../linux/directory.ts";
import { statFile } from "../../linux/stat.ts";
import type { Attachment } from "../attachment.ts";
import type { AttachmentRecord } from "./record.ts";
import { directoryOf, hasRecord, RECORD_ROOT, readRecordFile } from "./store.ts";

/** The names of networks that have or had attachments on this node: those of the runtime's configurations. */
export function listRecordedNetworks(): string[] {
  return listDirectory(RECORD_ROOT).filter(
    (name) => !name.startsWith(".") && !statFile(`${RECORD_ROOT}/${name}`).isRegular,
  );
}

/** All records of the node, unlocked; those that cannot be read are passed over. */
export function listRecords(): AttachmentRecord[] {
  return listRecordedNetworks().flatMap(listRecordsOf);
}

/** The same of one network. */
export function listRecordsOf(network: string): AttachmentRecord[] {
  return readRecords(network, () => true);
}

/** The same of one container, in all networks. */
export function listRecordsOfContainer(containerId: string): AttachmentRecord[] {
  const isOurs = (name: string) => name.startsWith(`${containerId}:`);
  return listRecordedNetworks()
    .flatMap((network) => readRecords(network, isOurs))
    .filter((record) => record.containerId === containerId);
}

/** The attachments of a container's interface that have a record, on whatever network; none of them is read. */
export function listRecorded({ containerId, ifname }: Omit<Attachment, "network">): Attachment[] {
  return listRecordedNetworks()
    .map((network) => ({ network, containerId, ifname }))
    .filter(hasRecord);
}

/** The interfaces of a container that its first interface's record would name, where there is none. */
export function listCompanions({ network, containerId, ifname }: Attachment): string[] {
  const isOurs = (name: string) => name.startsWith(`${containerId}:`);
  return readRecords(network, isOurs).flatMap((record) =>
    record.containerId === containerId && record.primary === ifname ? [record.ifname] : [],
  );
}

function readRecords(network: string, isWanted: (name: string) => boolean): AttachmentRecord[] {
  const directory = directoryOf(network);
  const names = listDirectory(directory).filter((name) => name.endsWith(".json") && isWanted(name));
  return names.flatMap((name) => readRecordFile(`${directory}/${name}`) ?? []);
}
