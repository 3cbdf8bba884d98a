/** Tells the neighbours, and the node, whose the pod's addresses are now: they may remember an earlier pod's. */

import type { IpConfig } from "../../cni/result.ts";
import { announce, announceAllRequest } from "../../link/announce.ts";
import { getLinkRequest } from "../../link/link.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { mayBeRemembered } from "../plan/remembered.ts";
import { awaitCarrier } from "./await-carrier.ts";
import type { AddContext, ContainerLink } from "./step.ts";

/** A virtual function has its carrier a second or two after it is set up. */
const CARRIER_TIMEOUT_MS = 3_000;

/** How neighbours are told: by the kernel of an interface, or by packets of ours. */
export type Announcer = "kernel" | "packets";

export const announceAddresses = {
  name: "announceAddresses",

  /** A card's driver may refuse a MAC address, or forget its VLANs, while it is up: then by packets. */
  add(
    { plan, container, netns, report }: AddContext,
    link: ContainerLink,
    { ips, by }: { readonly ips: readonly IpConfig[]; readonly by: Announcer },
  ): void {
    if (ips.length === 0 || plan.config.disableContainerInterface || !mayBeRemembered(plan)) return;
    const { ifname } = plan.attachment;
    const isOwn = plan.resolved === undefined; // then its port is up by now
    if (!isOwn && !awaitCarrier(container, link.ifindex, { netns, timeoutMs: CARRIER_TIMEOUT_MS })) {
      report(
        `interface "${ifname}": no carrier after ${CARRIER_TIMEOUT_MS / 1000} s; is the uplink connected?`,
      );
      return;
    }
    if (by === "packets") {
      const addresses = ips.map((ip) => ip.address.address);
      const failure = announce(netns, link, addresses);
      if (failure !== undefined) report(`interface "${ifname}": not announced: ${failure.message}`);
    } else {
      // The look-up completes a pending carrier change, before which the interface drops what it should send.
      for (const { refusal } of container.exchange([getLinkRequest(ifname), announceAllRequest(link)])) {
        if (refusal !== undefined) throw new NetlinkError(refusal);
      }
    }
  },
};
