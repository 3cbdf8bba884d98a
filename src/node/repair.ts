/** Puts back what somebody has taken from the node's rulesets, and virtual functions that dead pods left behind. */

import { entryOfRecord } from "../attachment/entry.ts";
import { toCniError } from "../attachment/errors.ts";
import { openForwardingOf } from "../attachment/forwarding.ts";
import type { Output } from "../attachment/output.ts";
import { type AttachmentRecord, listNetworks, listRecords, lockRecord } from "../attachment/record.ts";
import { needsLocalnet, ownerOf, wantedOf } from "../attachment/ruleset.ts";
import { putElements, type Sockets } from "../attachment/takeover.ts";
import { routeLocalnetRequest } from "../link/bridge.ts";
import { getLink, type RouteSocket } from "../link/link.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { findElements, isBaseWhole, type NetfilterSocket, type Wanted } from "../nftables/ruleset.ts";
import { type ReturnedVf, returnStrayVfs } from "./release-vf.ts";

/** What became of one attachment. */
export interface Repaired {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Elements of sets and maps that were missing. */
  readonly missing: number;
  /** Chains that it needs were gone or empty. */
  readonly rules: boolean;
  /** Name on the host of a virtual function that its pod had left behind. */
  readonly vf?: string;
  /** Why they could not be put back; absent where all is well. */
  readonly problem?: string;
}

/** Looks at every attachment of the node; gives those that were not whole. `progress`: after each. */
export function repair(output: Output, progress: (done: number, all: number) => void): Repaired[] {
  using host = NetlinkSocket.open(rtnetlink, { trace: output.trace });
  using socket = NetlinkSocket.open(netfilter, { trace: output.trace });
  const returned = returnStrayVfs(output).map(toRepaired);
  const records = listNetworks().flatMap(listRecords);
  const repaired = records.flatMap((record, index) => {
    const one = repairOne({ host, netfilter: socket }, record);
    progress(index + 1, records.length);
    return one ?? [];
  });
  return [...returned, ...repaired];
}

function toRepaired({ ifname: vf, attachment, problem }: ReturnedVf): Repaired {
  const { network, containerId, ifname } = attachment;
  const failed = problem === undefined ? {} : { problem };
  return { network, containerId, ifname, missing: 0, rules: false, vf, ...failed };
}

/** Under the record's lock: an ADD or DEL of the attachment comes before or after. */
function repairOne(
  sockets: Sockets,
  { network, containerId, ifname }: AttachmentRecord,
): Repaired | undefined {
  const attachment = { network, containerId, ifname };
  let lost: Lost = { missing: 0, rules: false };
  try {
    const open = lockRecord(attachment);
    if (open?.record === undefined) return undefined;
    try {
      if (!hasLink(sockets.host, open.record)) return undefined; // nothing of it is left to be reached
      lost = putBack(sockets, open.record);
    } finally {
      open.unlock();
    }
    return lost.missing === 0 && !lost.rules ? undefined : { ...attachment, ...lost };
  } catch (error) {
    return { ...attachment, ...lost, problem: toCniError(error).message };
  }
}

function hasLink(host: RouteSocket, { hostIfname }: AttachmentRecord): boolean {
  return getLink(host, hostIfname) !== undefined;
}

type Lost = Pick<Repaired, "missing" | "rules">;

function putBack(sockets: Sockets, record: AttachmentRecord): Lost {
  const wanted = wantedOf(record);
  const lost = wanted === undefined ? { missing: 0, rules: false } : lookFor(sockets.netfilter, wanted);
  if (wanted !== undefined && (lost.missing > 0 || lost.rules)) {
    putElements(sockets, wanted, [], ownerOf(record));
  }
  if (needsLocalnet(record)) sockets.host.request(routeLocalnetRequest(entryOfRecord(record).ifname));
  if (record.forward === true) openForwardingOf(sockets.netfilter, entryOfRecord(record));
  return lost;
}

function lookFor(socket: NetfilterSocket, wanted: Wanted): Lost {
  const missing = findElements(socket, wanted.elements).filter((found) => found === undefined).length;
  return { missing, rules: !isBaseWhole(socket, wanted) };
}
