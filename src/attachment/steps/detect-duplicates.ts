/** With `enabledad`: the pod's IPv6 addresses are known to be nobody else's before the runtime is told of them. */

import { formatPrefix } from "../../addr/prefix.ts";
import type { IpConfig } from "../../cni/result.ts";
import { CniError } from "../../error/cni-error.ts";
import { CNI_ERROR } from "../../error/code.ts";
import { listAddresses } from "../../link/address.ts";
import { RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { AddContext, ContainerLink } from "./step.ts";

const DETECTION_TIMEOUT_MS = 10_000;

/** Stands after the step that gives the interface its carrier: the kernel waits for one. */
export const detectDuplicates = {
  name: "detectDuplicates",

  add(context: AddContext, { ifindex }: ContainerLink, ips: readonly IpConfig[]): void {
    const { plan, netns } = context;
    const mustDetect = plan.config.enabledad && ips.some((ip) => ip.address.address.family === 6);
    if (!mustDetect) return;
    using events = NetlinkSocket.open(rtnetlink, { netns });
    events.joinGroup(RTNLGRP.IPV6_IFADDR);
    awaitDetection(context, ifindex, events);
  },
};

/** Waits until no address is tentative; the kernel announces the end of each detection. */
function awaitDetection(
  { container }: AddContext,
  ifindex: number,
  events: { waitForEvent(timeoutMs: number): boolean },
): void {
  const deadline = performance.now() + DETECTION_TIMEOUT_MS;
  for (;;) {
    const addresses = listAddresses(container, ifindex);
    const failed = addresses.find((entry) => entry.hasFailedDetection);
    if (failed !== undefined) {
      const problem = `address ${formatPrefix(failed.prefix)} is in use by another host (duplicate address detection)`;
      throw new CniError(CNI_ERROR.kernel, problem, "find its other holder, or free it there");
    }
    if (!addresses.some((entry) => entry.isTentative)) return;
    if (!events.waitForEvent(Math.max(0, deadline - performance.now()))) {
      const problem = `duplicate address detection took longer than ${DETECTION_TIMEOUT_MS / 1000} s`;
      throw new CniError(CNI_ERROR.tryAgainLater, problem);
    }
  }
}
