/** The bridge's way through other programs' chains that drop forwarded packets: there while it has pods. */

import { chainsWithoutRules } from "../../../firewall/accept-forwarded.ts";
import { describeChain } from "../../../firewall/chains.ts";
import { netfilter } from "../../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../../netlink/socket.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import { hasForwarding, openForwardingOf, withdrawForwardingOf } from "../../rules/forwarding.ts";
import { ingressOfConfig, ingressOfRecord, ingressOfRemoval } from "../../rules/ingress.ts";
import type { AddContext, CheckContext, RemovalContext } from "../../steps/step.ts";

export const openForwarding = {
  name: "openForwarding",

  /** The pod's port is there by now. */
  add({ plan, trace }: AddContext<BridgePlan>): void {
    if (!plan.link.forward) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    openForwardingOf(socket, ingressOfConfig(plan.link));
  },

  check({ wanted, trace }: CheckContext): string[] {
    if (wanted.forward !== true) return [];
    const { ifname } = ingressOfRecord(wanted);
    using socket = NetlinkSocket.open(netfilter, { trace });
    return chainsWithoutRules(socket, ifname).map(
      (chain) => `${describeChain(chain)} has no rule that accepts the packets of bridge "${ifname}"`,
    );
  },

  /** After the pod's port is gone: the last pod of the bridge takes the rules along. */
  del(removal: RemovalContext): void {
    const ingress = ingressOfRemoval(removal);
    if (!hasForwarding(ingress) && !isAskedFor(removal)) return;
    const socket = removal.netfilter.getIfSupported();
    if (socket !== undefined) withdrawForwardingOf({ netfilter: socket, host: removal.host }, ingress);
  },
};

/** Without a record the configuration is all that tells. */
function isAskedFor({ record, configured }: RemovalContext): boolean {
  return record === undefined ? configured.forward : record.forward === true;
}
