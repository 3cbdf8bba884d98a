/** What the kernel has lost of an attachment's rules: in our tables, in foreign chains, in a sysctl. */

import type { AttachmentRecord } from "../attachment/record/record.ts";
import { hasForwarding, listForwarding } from "../attachment/rules/forwarding.ts";
import { ingressOfRecord } from "../attachment/rules/ingress.ts";
import { localnetKey, needsLocalnet, wantedOf } from "../attachment/rules/ruleset.ts";
import { chainsWithoutRules } from "../firewall/accept-forwarded.ts";
import { readSysctl } from "../linux/sysctl.ts";
import { type NetfilterSocket, netfilter } from "../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../netlink/socket.ts";
import { findElements } from "../nftables/elements/query.ts";
import type { Wanted } from "../nftables/wanted.ts";
import { isBaseInForce } from "../nftables/whole.ts";

export interface Losses {
  /** Elements of sets and maps that were missing. */
  readonly missing: number;
  /** Chains that it needs were gone or empty, or their table dormant. */
  readonly rules: boolean;
  /** Foreign chains that drop forwarded packets had no rules about its bridge, which it asked for. */
  readonly forward?: true;
  /** Packets from 127.0.0.1 to its host ports were not routed. */
  readonly localnet?: true;
}

export const NO_LOSSES: Losses = { missing: 0, rules: false };

/** False for an attachment that can lose nothing of this. */
export function asksForRules(record: AttachmentRecord): boolean {
  return wantedOf(record) !== undefined || record.forward === true || needsLocalnet(record);
}

export function findLossesOf(socket: NetfilterSocket, record: AttachmentRecord): Losses {
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

/** False where a foreign chain drops what some interface's pods want forwarded. None of them: nothing is looked at. */
export function isForwardingWhole(): boolean {
  const ifnames = listForwarding();
  if (ifnames.length === 0) return true;
  using socket = NetlinkSocket.open(netfilter);
  return ifnames.every((ifname) => chainsWithoutRules(socket, ifname).length === 0);
}

function countMissing(socket: NetfilterSocket, { elements }: Wanted): number {
  return findElements(socket, elements).filter((found) => found === undefined).length;
}

export function isWhole({ missing, rules, forward, localnet }: Losses): boolean {
  return missing === 0 && !rules && forward !== true && localnet !== true;
}
