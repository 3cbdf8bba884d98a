/**
 * The way of a bridge, or of a pod's own pair, through other programs' chains that drop forwarded packets: there while
 * it has pods.
 */

import { chainsWithoutRules } from "../../../firewall/accept-forwarded.ts";
import { describeChain } from "../../../firewall/chains.ts";
import { netfilter } from "../../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../../netlink/socket.ts";
import { hasForwarding, openForwardingOf, withdrawForwardingOf } from "../../rules/forwarding.ts";
import { ingressesOfRemoval, ingressOfRecord } from "../../rules/ingress.ts";
import type { AddContext, CheckContext, RemovalContext } from "../../steps/step.ts";

export const openForwarding = {
  name: "openForwarding",

  /** The pod's port is there by now. */
  add({ claim: { record }, trace }: AddContext): void {
    if (record.forward !== true) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    openForwardingOf(socket, ingressOfRecord(record));
  },

  check({ wanted, trace }: CheckContext): string[] {
    if (wanted.forward !== true) return [];
    const { ifname } = ingressOfRecord(wanted);
    const what = wanted.bridge === undefined ? "interface" : "bridge";
    using socket = NetlinkSocket.open(netfilter, { trace });
    return chainsWithoutRules(socket, ifname).map(
      (chain) => `${describeChain(chain)} has no rule that accepts the packets of ${what} "${ifname}"`,
    );
  },

  /** After the pod's port is gone: the last pod of the bridge takes the rules along. */
  del(removal: RemovalContext): void {
    const open = ingressesOfRemoval(removal).filter(
      (ingress) => hasForwarding(ingress) || isAskedFor(removal),
    );
    const socket = open.length === 0 ? undefined : removal.netfilter.getIfSupported();
    if (socket === undefined) return;
    for (const ingress of open) withdrawForwardingOf({ netfilter: socket, host: removal.host }, ingress);
  },
};

/** Without a record the configuration is all that tells. */
function isAskedFor({ record, configured }: RemovalContext): boolean {
  return record === undefined ? configured.forward : record.forward === true;
}
