/** The last look of an ADD: the bridge port forwards before the runtime is told that the pod has a network. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { getLinks, type Link } from "../../link/link.ts";
import { IF_OPER } from "../../netlink/route/link.ts";
import { RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { BridgePlan } from "../plan.ts";
import type { Adding, Step } from "../step.ts";

const PORT_TIMEOUT_MS = 5_000;

export const confirmPort: Step<BridgePlan> = {
  name: "confirmPort",

  add(adding) {
    // Since Linux 6.8 the look-up of one link first completes its pending carrier change (linkwatch_sync_dev).
    const port = lookUp(adding);
    const mustBeUp = !adding.plan.config.disableContainerInterface;
    if (mustBeUp && port.operstate !== IF_OPER.UP) awaitPort(adding);
  },
};

/** The port as it is now; with it the bridge, whose MTU the kernel may have fitted to the port's. */
function lookUp({ host, plan, found }: Adding<BridgePlan>): Link {
  const [port, bridge] = getLinks(host, [plan.link.hostIfname, plan.link.bridge]);
  if (port === undefined || bridge === undefined) {
    const problem = `interface "${port === undefined ? plan.link.hostIfname : plan.link.bridge}" was removed by someone else`;
    throw new CniError(CNI_ERROR.tryAgainLater, problem);
  }
  found.host = port;
  found.bridge = bridge;
  return port;
}

/** On older kernels: waits for the announcement of the carrier. */
function awaitPort(adding: Adding<BridgePlan>): void {
  using events = NetlinkSocket.open(rtnetlink);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + PORT_TIMEOUT_MS;
  for (;;) {
    const link = lookUp(adding);
    if (link.operstate === IF_OPER.UP) return;
    if (events.waitForEvent(Math.max(0, deadline - performance.now()))) continue;
    const problem = `bridge port "${link.ifname}" did not come up within ${PORT_TIMEOUT_MS / 1000} s`;
    throw new CniError(CNI_ERROR.kernel, problem, `its operational state is ${link.operstate} (RFC 2863)`);
  }
}
