/** Tells the neighbours of a shared segment whose the pod's addresses are now: they may remember an earlier pod's. */

import { announce, announceAllRequest } from "../../link/announce.ts";
import { awaitCarrier } from "../carrier.ts";
import type { Step } from "../step.ts";

/** A virtual function has its carrier a second or two after it is set up. */
const CARRIER_TIMEOUT_MS = 3_000;

export const announceAddresses: Step = {
  name: "announceAddresses",

  add(adding) {
    const { plan, found, container, netns, report } = adding;
    if (plan.resolved === undefined || found.container === undefined || found.ips.length === 0) return;
    const { ifname } = plan.attachment;
    if (!awaitCarrier(container, found.container.ifindex, { netns, timeoutMs: CARRIER_TIMEOUT_MS })) {
      report(
        `interface "${ifname}": no carrier after ${CARRIER_TIMEOUT_MS / 1000} s; is the uplink connected?`,
      );
      return;
    }
    // A card's driver may refuse a hardware address, or forget its VLANs, while it is up.
    if (plan.link.kind === "sriov") {
      const addresses = found.ips.map((ip) => ip.address.address);
      const failure = announce(netns, found.container, addresses);
      if (failure !== undefined) report(`interface "${ifname}": not announced: ${failure.message}`);
    } else container.request(announceAllRequest(found.container));
  },
};
