/** Rules that an attachment goes on without where it cannot have them. */

import { NetlinkError } from "../../netlink/error.ts";
import { ForeignTable } from "../../nftables/tables/foreign.ts";
import type { AttachmentRecord } from "../record/record.ts";
import { HeldBySibling } from "./add-elements.ts";
import { withoutPortOf } from "./sibling-ports.ts";

type RecordedTraffic = AttachmentRecord["traffic"];

/** What is left of the traffic without what the error is about, or may be; undefined where the attachment needs all of it. */
export function trafficWithout(error: unknown, record: AttachmentRecord): RecordedTraffic {
  if (error instanceof HeldBySibling) return withoutPortOf(record, error.element);
  return error instanceof NetlinkError || error instanceof ForeignTable
    ? withoutDefaultGuard(record)
    : undefined;
}

/** Not every kernel has tables of bridges, and nobody has asked for the RA guard. */
function withoutDefaultGuard({ traffic }: AttachmentRecord): RecordedTraffic {
  if (traffic?.raGuard !== "default") return undefined;
  const { raGuard: _, ...others } = traffic;
  return others;
}
