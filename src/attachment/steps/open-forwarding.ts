/** The bridge's way through other programs' chains that drop forwarded packets: there while it has pods. */

import { netfilter } from "../../netlink/netfilter/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import { chainsWithoutRules, describeChain } from "../../nftables/forward.ts";
import { entryOfConfig, entryOfRemoval } from "../entry.ts";
import { hasForwarding, openForwardingOf, withdrawForwardingOf } from "../forwarding.ts";
import type { BridgePlan } from "../plan/plan.ts";
import type { Removal, Step } from "../step.ts";

/** Stands before the veth pair, so that its removal comes after the pair's. */
export const withdrawForwarding: Step = {
  name: "withdrawForwarding",

  del(removal) {
    const entry = entryOfRemoval(removal);
    if (!hasForwarding(entry) && !isAskedFor(removal)) return;
    const socket = removal.netfilter.getIfSupported();
    if (socket !== undefined) withdrawForwardingOf({ netfilter: socket, host: removal.host }, entry);
  },
};

/** Stands after the veth pair. */
export const openForwarding: Step<BridgePlan> = {
  name: "openForwarding",

  add({ plan, trace }) {
    if (!plan.link.forward) return;
    using socket = NetlinkSocket.open(netfilter, { trace });
    openForwardingOf(socket, entryOfConfig(plan.link));
  },

  check({ plan, trace }) {
    if (!plan.link.forward) return [];
    const { ifname } = entryOfConfig(plan.link);
    using socket = NetlinkSocket.open(netfilter, { trace });
    return chainsWithoutRules(socket, ifname).map(
      (chain) => `${describeChain(chain)} has no rule that accepts the packets of bridge "${ifname}"`,
    );
  },
};

/** Without a record the configuration is all that tells. */
function isAskedFor({ record, configured }: Removal): boolean {
  return record === undefined ? configured.forward : record.forward === true;
}
