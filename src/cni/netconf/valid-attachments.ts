/** The attachments that are to stay, which a runtime lists for GC. */

import { invalidNetconf } from "../../error/cni-error.ts";
import { field, isNamed, stringField, toFields } from "../../json/fields.ts";
import { type Located, toItems } from "../../json/located.ts";
import type { ValidAttachment } from "../document/runtime-config.ts";
import type { Places } from "./precedence.ts";

/** One that is to stay. */
export interface AttachmentName {
  readonly containerId: string;
  readonly ifname: string;
}

/** The specification's name of the list, and that of libcni. */
const KEYS = ["cni.dev/valid-attachments", "cni.dev/attachments"] as const;

/**
 * Undefined where the runtime gave no list. libcni, whose empty lists have no memory of their own, writes `null` for a
 * list of none.
 * @throws {CniError} 7 with the path of the entry
 */
export function decodeValidAttachments({ configuration }: Places): readonly AttachmentName[] | undefined {
  const located = KEYS.map((key) => field(configuration, key)).find((given) => given !== undefined);
  if (located !== undefined) return toItems(located).map(decodeEntry);
  return KEYS.some((key) => isNamed(configuration, key)) ? [] : undefined;
}

function decodeEntry(item: Located): AttachmentName {
  const fields = toFields<ValidAttachment>(item);
  const [containerId, ifname] = [stringField(fields, "containerID"), stringField(fields, "ifname")];
  if (containerId && ifname) return { containerId, ifname };
  const wanted = 'an attachment like {"containerID": "c0ffee", "ifname": "eth0"}';
  throw invalidNetconf(item.path, wanted, item.value);
}
