/** The links of an attachment on the host, where they bear its mark. */

import { getLinks, type Link } from "../../../link/link.ts";
import { aliasOf, hostIfnameOf, ifbOf } from "../../attachment.ts";
import type { RemovalContext } from "../../steps/step.ts";

export interface OwnLinks {
  /** The veth end on the host. */
  readonly host: Link | undefined;
  readonly ifb: Link | undefined;
}

export function findOwnLinks(removal: RemovalContext): OwnLinks {
  const { attachment, host, record } = removal;
  const hostIfname = record?.hostIfname ?? hostIfnameOf(attachment);
  const mayHaveIfb = record === undefined || record.shaping?.egress !== undefined;
  const [veth, ifb] = getLinks(host, [hostIfname, ...(mayHaveIfb ? [ifbOf(attachment).ifname] : [])]);
  return {
    host: isOwn(veth, "veth", removal) ? veth : undefined,
    ifb: isOwn(ifb, "ifb", removal) ? ifb : undefined,
  };
}

/** Between a link's creation and its alias an ADD may have been killed: then the record alone tells that it is ours. */
function isOwn(link: Link | undefined, kind: string, { attachment, record }: RemovalContext): boolean {
  const isUnmarked = link?.ifalias === "" && link.kind === kind && record !== undefined;
  return isUnmarked || link?.ifalias === aliasOf(attachment);
}
