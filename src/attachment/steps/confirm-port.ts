/** The last look of an ADD: the bridge port forwards before the runtime is told that the pod has a network. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { getLinkByIndex, type Link } from "../../link/link.ts";
import { IF_OPER } from "../../netlink/route/link.ts";
import { RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { Adding, Step } from "../step.ts";

const PORT_TIMEOUT_MS = 5_000;

export const confirmPort: Step = {
  name: "confirmPort",

  add(adding) {
    if (adding.plan.config.disableContainerInterface) return;
    // Since Linux 6.8 the look-up of one link first completes its pending carrier change (linkwatch_sync_dev).
    if (lookUp(adding).operstate !== IF_OPER.UP) awaitPort(adding);
  },
};

function lookUp({ host, found }: Adding): Link {
  found.host = getLinkByIndex(host, found.host?.ifindex ?? 0);
  return found.host;
}

/** On older kernels: waits for the announcement of the carrier. */
function awaitPort(adding: Adding): void {
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
