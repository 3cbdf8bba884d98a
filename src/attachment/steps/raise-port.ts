/** The last of an ADD's changes: the bridge port goes up, and forwards before the runtime is told of the pod's network. */

import { CNI_ERROR, CniError } from "../../cni/error.ts";
import { getLinkRequest, getLinks, type Link, toLinks } from "../../link/link.ts";
import { deleteMulticastRouteRequest } from "../../link/route.ts";
import { setUpRequest } from "../../link/veth.ts";
import { NetlinkError } from "../../netlink/error.ts";
import { IF_OPER } from "../../netlink/route/link.ts";
import { type RouteRequest, RTNLGRP, rtnetlink } from "../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../netlink/socket.ts";
import type { BridgePlan } from "../plan/plan.ts";
import type { Adding, Step } from "../step.ts";

const PORT_TIMEOUT_MS = 5_000;

/**
 * After the container's end, and after the rules about it. A port that goes up first has no carrier yet: the bridge
 * turns it on, off and on again, and each time looks at every port that it has.
 */
export const raisePort: Step<BridgePlan> = {
  name: "raisePort",

  add(adding) {
    const port = raise(adding);
    const mustBeUp = !adding.plan.config.disableContainerInterface;
    if (mustBeUp && port.operstate !== IF_OPER.UP) awaitPort(adding);
    if (mustBeUp) tellBridge(adding);
  },
};

/** Since Linux 6.8 the look-up of one link first completes its pending carrier change (linkwatch_sync_dev). */
function raise(adding: Adding<BridgePlan>): Link {
  const { host, plan } = adding;
  const { hostIfname, bridge } = plan.link;
  const [up, port, bridgeNow] = host.exchange([
    setUpRequest(hostIfname),
    getLinkRequest(hostIfname),
    getLinkRequest(bridge),
    ...dropRequests(adding),
  ]);
  if (up?.refusal !== undefined && up.refusal.errno !== "ENODEV") throw new NetlinkError(up.refusal);
  return keep(
    adding,
    toLinks(
      host,
      [port, bridgeNow].filter((outcome) => outcome !== undefined),
    ),
  );
}

/**
 * The port's route for IPv6 multicast, which it gets with its carrier: the kernel passes over those of all ports when one
 * comes or goes. A refusal tells that there is none.
 */
function dropRequests({ found }: Adding<BridgePlan>): RouteRequest[] {
  const { ifindex = 0 } = found.host ?? {}; // 0 would be any interface
  return ifindex === 0 ? [] : [deleteMulticastRouteRequest(ifindex)];
}

/** The port as it is now; with it the bridge, whose MTU the kernel may have fitted to the port's. */
function keep({ plan, found }: Adding<BridgePlan>, [port, bridge]: readonly (Link | undefined)[]): Link {
  if (port === undefined || bridge === undefined) {
    const problem = `interface "${port === undefined ? plan.link.hostIfname : plan.link.bridge}" was removed by someone else`;
    throw new CniError(CNI_ERROR.tryAgainLater, problem);
  }
  found.host = port;
  found.bridge = bridge;
  return port;
}

/** A bridge that was up before it ever had a port has no change of carrier from which the kernel would tell its state. */
function tellBridge({ host, found: { bridge } }: Adding<BridgePlan>): void {
  if (bridge === undefined || bridge.operstate !== IF_OPER.UNKNOWN) return;
  host.request({ message: "RTM_SETLINK", body: { ifi_index: bridge.ifindex, IFLA_OPERSTATE: IF_OPER.UP } });
}

/** On older kernels: waits for the announcement of the carrier. */
function awaitPort(adding: Adding<BridgePlan>): void {
  const { host, plan } = adding;
  using events = NetlinkSocket.open(rtnetlink);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + PORT_TIMEOUT_MS;
  for (;;) {
    const link = keep(adding, getLinks(host, [plan.link.hostIfname, plan.link.bridge]));
    if (link.operstate === IF_OPER.UP) {
      host.exchange(dropRequests(adding));
      return;
    }
    if (events.waitForEvent(Math.max(0, deadline - performance.now()))) continue;
    const problem = `bridge port "${link.ifname}" did not come up within ${PORT_TIMEOUT_MS / 1000} s`;
    throw new CniError(CNI_ERROR.kernel, problem, `its operational state is ${link.operstate} (RFC 2863)`);
  }
}
