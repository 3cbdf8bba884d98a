/**
 * Puts back what somebody has taken from the node's rulesets, and virtual functions that dead pods left behind; or tells
 * what there is to be put back.
 */

import { toCniError } from "../attachment/errors.ts";
import type { Output } from "../attachment/output.ts";
import { listRecords } from "../attachment/record/list.ts";
import type { AttachmentRecord } from "../attachment/record/record.ts";
import { lockRecord } from "../attachment/record/store.ts";
import { addElements, type Sockets } from "../attachment/rules/add-elements.ts";
import { hasForwarding, openForwardingOf } from "../attachment/rules/forwarding.ts";
import { ingressOfRecord } from "../attachment/rules/ingress.ts";
import { localnetKey, needsLocalnet, ownerOf, wantedOf } from "../attachment/rules/ruleset.ts";
import { chainsWithoutRules } from "../firewall/accept-forwarded.ts";
import { routeLocalnetRequest } from "../link/bridge.ts";
import { getLink } from "../link/link.ts";
import { ignoringErrno } from "../linux/error.ts";
import { readSysctl } from "../linux/sysctl.ts";
import { type NetfilterSocket, netfilter } from "../netlink/netfilter/protocol.ts";
import { type RouteSocket, rtnetlink } from "../netlink/route/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { generationOf } from "../nftables/apply.ts";
import { findElements } from "../nftables/elements/query.ts";
import type { Wanted } from "../nftables/wanted.ts";
import { isBaseInForce } from "../nftables/whole.ts";
import { type ReturnedVf, returnOrphanedVfs } from "./release-vf.ts";

/** What became of one attachment. */
export interface Repaired {
  readonly network: string;
  readonly containerId: string;
  readonly ifname: string;
  /** Elements of sets and maps that were missing. */
  readonly missing: number;
  /** Chains that it needs were gone or empty, or their table dormant. */
  readonly rules: boolean;
  /** Others' chains that drop forwarded packets had no rules about its bridge, which it asked for. */
  readonly forward?: true;
  /** Packets from 127.0.0.1 to its host ports were not routed. */
  readonly localnet?: true;
  /** Name on the host of a virtual function that its pod had left behind. */
  readonly vf?: string;
  /** Why they could not be put back; absent where all is well. */
  readonly problem?: string;
}

/** Looks at every attachment of the node; gives those that were not whole. `progress`: after each. */
export function repair(output: Output, progress: (done: number, all: number) => void): Repaired[] {
  const returned = returnOrphanedVfs(output).map(toRepaired);
  return [...returned, ...lookAtAll(putBack, output, progress)];
}

/**
 * What {@link repair} would put back into the rulesets; changes nothing. None where this kernel has no nf_tables.
 * @throws {NetlinkError} EPERM: no CAP_NET_ADMIN
 */
export function findLosses(output: Output): Repaired[] {
  const nothing = () => undefined;
  const look = () => {
    requireRights(output);
    return lookAtAll(nothing, output, nothing);
  };
  return ignoringErrno(look, [], "EPROTONOSUPPORT", "EOPNOTSUPP");
}

/** Otherwise every attachment would be told to have lost what nobody was allowed to see. */
function requireRights({ trace }: Output): void {
  using socket = NetlinkSocket.open(netfilter, { trace });
  generationOf(socket);
}

/** What is done about an attachment's losses, where there are any. */
type Act = (sockets: Sockets, record: AttachmentRecord, lost: Lost) => void;

function lookAtAll(act: Act, { trace }: Output, progress: (done: number, all: number) => void): Repaired[] {
  using host = NetlinkSocket.open(rtnetlink, { trace });
  using socket = NetlinkSocket.open(netfilter, { trace });
  const records = listRecords();
  return records.flatMap((record, index) => {
    const one = lookAtOne(act, { host, netfilter: socket }, record);
    progress(index + 1, records.length);
    return one ?? [];
  });
}

function toRepaired({ ifname: vf, attachment, problem }: ReturnedVf): Repaired {
  const { network, containerId, ifname } = attachment;
  const failed = problem === undefined ? {} : { problem };
  return { network, containerId, ifname, missing: 0, rules: false, vf, ...failed };
}

/** Under the record's lock: an ADD or DEL of the attachment comes before or after. */
function lookAtOne(
  act: Act,
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
      lost = lookFor(sockets.netfilter, open.record);
      if (isWhole(lost)) return undefined;
      act(sockets, open.record, lost);
    } finally {
      open.unlock();
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

type Lost = Pick<Repaired, "missing" | "rules" | "forward" | "localnet">;

function isWhole({ missing, rules, forward, localnet }: Lost): boolean {
  return missing === 0 && !rules && forward !== true && localnet !== true;
}

function putBack(
  sockets: Sockets,
  record: AttachmentRecord,
  { missing, rules, forward, localnet }: Lost,
): void {
  const wanted = wantedOf(record);
  const { ifname } = ingressOfRecord(record);
  if (wanted !== undefined && (missing > 0 || rules)) addElements(sockets, wanted, [], ownerOf(record));
  if (localnet === true) sockets.host.request(routeLocalnetRequest(ifname));
  if (forward === true) openForwardingOf(sockets.netfilter, ingressOfRecord(record));
}

function lookFor(socket: NetfilterSocket, record: AttachmentRecord): Lost {
  const wanted = wantedOf(record);
  const entry = ingressOfRecord(record);
  const { ifname } = entry;
  const isOpen = () => hasForwarding(entry) && chainsWithoutRules(socket, ifname).length === 0;
  const isClosed = record.forward === true && !isOpen();
  const isBlocked = needsLocalnet(record) && readSysctl(localnetKey(ifname)) === "0";
  return {
    missing: wanted === undefined ? 0 : countMissing(socket, wanted),
    rules: wanted !== undefined && !isBaseInForce(socket, wanted),
    ...(isClosed ? { forward: true } : {}),
    ...(isBlocked ? { localnet: true } : {}),
  };
}

function countMissing(socket: NetfilterSocket, { elements }: Wanted): number {
  return findElements(socket, elements).filter((found) => found === undefined).length;
}
