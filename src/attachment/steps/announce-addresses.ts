/** Tells the neighbours of a shared segment whose the pod's addresses are now: they may remember an earlier pod's. */

import { announce } from "../../link/announce.ts";
import { getLinkByIndex } from "../../link/link.ts";
import { IF_OPER } from "../../netlink/route/link.ts";
import { RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { Adding, Step } from "../step.ts";

/** A virtual function has its carrier a second or two after it is set up. */
const CARRIER_TIMEOUT_MS = 3_000;

export const announceAddresses: Step = {
  name: "announceAddresses",

  add(adding) {
    const { plan, found, netns, report } = adding;
    if (plan.chosen === undefined || found.container === undefined || found.ips.length === 0) return;
    const { ifname } = plan.attachment;
    if (!awaitCarrier(adding, found.container.ifindex)) {
      report(
        `interface "${ifname}": no carrier after ${CARRIER_TIMEOUT_MS / 1000} s; is the uplink connected?`,
      );
      return;
    }
    const addresses = found.ips.map((ip) => ip.address.address);
    const failure = announce(netns, found.container, addresses);
    if (failure !== undefined) report(`interface "${ifname}": not announced: ${failure.message}`);
  },
};

function awaitCarrier({ container, netns }: Adding, ifindex: number): boolean {
  if (hasCarrier(container, ifindex)) return true;
  using events = NetlinkSocket.open(rtnetlink, { netns });
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + CARRIER_TIMEOUT_MS;
  while (!hasCarrier(container, ifindex)) {
    if (!events.waitForEvent(Math.max(0, deadline - performance.now()))) return false;
  }
  return true;
}

/** Drivers that do not tell have it. */
function hasCarrier(container: Adding["container"], ifindex: number): boolean {
  const { operstate } = getLinkByIndex(container, ifindex);
  return operstate === IF_OPER.UP || operstate === IF_OPER.UNKNOWN;
}
