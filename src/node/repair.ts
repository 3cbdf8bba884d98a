/**
 * Restores what somebody has taken from the node's rulesets, and returns virtual functions that dead pods left behind; or
 * tells what there is to be restored.
 */

import type { Attachment } from "../attachment/attachment.ts";
import { toCniError } from "../attachment/errors.ts";
import type { Output } from "../attachment/output.ts";
import { listRecords } from "../attachment/record/list.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { lockRecord } from "../attachment/record/store.ts";
import { addElements, type Sockets } from "../attachment/rules/add-elements.ts";
import { openForwardingOf } from "../attachment/rules/forwarding.ts";
import { ingressOfRecord } from "../attachment/rules/ingress.ts";
import { ownerOf, wantedOf } from "../attachment/rules/ruleset.ts";
import { routeLocalnetRequest } from "../link/bridge.ts";
import { getLink } from "../link/link.ts";
import { ignoringErrno } from "../linux/error.ts";
import { netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { generationOf } from "../nftables/apply.ts";
import { asksForRules, findLossesOf, isWhole, type Losses, NO_LOSSES } from "./losses.ts";
import { type ReturnedVf, returnOrphanedVfs } from "./release-vf.ts";

/** What became of one attachment. */
export interface Repaired extends Attachment, Losses {
  /** Name on the host of a virtual function that its pod had left behind. */
  readonly vf?: string;
  /** Why they could not be put back; absent where all is well. */
  readonly problem?: string;
}

/** What was looked at, and what was found. */
export interface Repair {
  /** Attachments that were not whole. */
  readonly repaired: readonly Repaired[];
  /** How many attachments have rules that were looked at. */
  readonly checked: number;
  /** How many have rules but no interface on the node, so that nothing can reach them. */
  readonly unreachable: number;
}

interface LookOptions {
  /** Where the lines of the work go. */
  readonly output: Output;
  /** After each attachment. */
  progress?(done: number, all: number): void;
  /** Milliseconds to wait for an ADD or DEL of an attachment; absent: as long as these wait for one another. */
  readonly waitMs?: number;
}

/** Looks at every attachment of the node, and at every virtual function on it. */
export function repair(options: LookOptions): Repair {
  const returned = returnOrphanedVfs(options.output).map(toRepaired);
  const restored = restoreRules(options);
  return { ...restored, repaired: [...returned, ...restored.repaired] };
}

/** The same of rules alone. */
export function restoreRules(options: LookOptions): Repair {
  return lookAtAll(putBack, options);
}

/**
 * What {@link repair} would put back into the rulesets; changes nothing. None where this kernel has no nf_tables.
 * @throws {NetlinkError} EPERM: no CAP_NET_ADMIN
 */
export function findLosses(output: Output): readonly Repaired[] {
  const look = () => {
    requireRights(output);
    return lookAtAll(() => undefined, { output }).repaired;
  };
  return ignoringErrno(look, [], "EPROTONOSUPPORT", "EOPNOTSUPP");
}

/** Otherwise every attachment would be told to have lost what nobody was allowed to see. */
function requireRights({ trace }: Output): void {
  using socket = NetlinkSocket.open(netfilter, { trace });
  generationOf(socket);
}

/** What is done about an attachment's losses, where there are any. */
type Act = (sockets: Sockets, record: AttachmentRecord, lost: Losses) => void;

function lookAtAll(act: Act, { output: { trace }, progress, waitMs }: LookOptions): Repair {
  using host = NetlinkSocket.open(rtnetlink, { trace });
  using socket = NetlinkSocket.open(netfilter, { trace });
  const records = listRecords();
  const found = records.map((record, index) => {
    const one = lookAtOne(act, { host, netfilter: socket }, record, waitMs);
    progress?.(index + 1, records.length);
    return one;
  });
  const repaired = found.filter((one) => typeof one !== "string");
  return {
    repaired,
    checked: repaired.length + found.filter((one) => one === "whole").length,
    unreachable: found.filter((one) => one === "unreachable").length,
  };
}

function toRepaired({ ifname: vf, attachment, problem }: ReturnedVf): Repaired {
  const failed = problem === undefined ? {} : { problem };
  return { ...attachment, ...NO_LOSSES, vf, ...failed };
}

/** `without rules`: it asks for none, or it was removed meanwhile. */
type Found = "whole" | "unreachable" | "without rules" | Repaired;

/** Under the record's lock: an ADD or DEL of the attachment comes before or after. */
function lookAtOne(
  act: Act,
  sockets: Sockets,
  { network, containerId, ifname }: AttachmentRecord,
  waitMs?: number,
): Found {
  const attachment = { network, containerId, ifname };
  let lost = NO_LOSSES;
  try {
    const open = lockRecord(attachment, waitMs);
    try {
      const record = open?.record;
      if (record === undefined || !asksForRules(record)) return "without rules";
      if (!hasLink(sockets.host, record)) return "unreachable";
      lost = findLossesOf(sockets.netfilter, record);
      if (isWhole(lost)) return "whole";
      act(sockets, record, lost);
    } finally {
      open?.unlock();
    }
    return { ...attachment, ...lost };
  } catch (error) {
    const { message, details } = toCniError(error);
    return { ...attachment, ...lost, problem: details === "" ? message : `${message}; ${details}` };
  }
}

function hasLink(host: RouteSocket, { hostIfname }: AttachmentRecord): boolean {
  return hostIfname !== undefined && getLink(host, hostIfname) !== undefined;
}

function putBack(
  sockets: Sockets,
  record: AttachmentRecord,
  { missing, rules, forward, localnet }: Losses,
): void {
  const wanted = wantedOf(record);
  const { ifname } = ingressOfRecord(record);
  if (wanted !== undefined && (missing > 0 || rules)) addElements(sockets, wanted, [], ownerOf(record));
  if (localnet === true) sockets.host.request(routeLocalnetRequest(ifname));
  if (forward === true) openForwardingOf(sockets.netfilter, ingressOfRecord(record));
}
