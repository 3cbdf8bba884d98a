/** The last of an ADD's changes: the bridge port goes up, and forwards before the runtime is told of the pod's network. */

import { CniError } from "../../../error/cni-error.ts";
import { CNI_ERROR } from "../../../error/code.ts";
import { getLinkRequest, getLinks, type Link, toLinks } from "../../../link/link.ts";
import { deleteMulticastRouteRequest } from "../../../link/route.ts";
import { setUpRequest } from "../../../link/veth.ts";
import { NetlinkError } from "../../../netlink/error.ts";
import { IF_OPER } from "../../../netlink/route/link.ts";
import { RTNLGRP, rtnetlink } from "../../../netlink/route/protocol.ts";
import { NetlinkSocket } from "../../../netlink/socket.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import type { AddContext } from "../../steps/step.ts";

/** The port and its bridge, whose MTU the kernel may have fitted to the port's. */
export interface RaisedPort {
  readonly port: Link;
  readonly bridge: Link;
}

const PORT_TIMEOUT_MS = 5_000;

/**
 * After the container's end, and after the rules about it. A port that goes up first has no carrier yet: the bridge
 * turns it on, off and on again, and each time looks at every port that it has.
 */
export const raisePort = {
  name: "raisePort",

  add(context: AddContext<BridgePlan>, { ifindex }: Link): RaisedPort {
    const raised = raise(context, ifindex);
    if (context.plan.config.disableContainerInterface) return raised;
    const ready = raised.port.operstate === IF_OPER.UP ? raised : awaitPort(context, ifindex);
    setBridgeOperational(context, ready.bridge);
    return ready;
  },
};

/**
 * The port's route for IPv6 multicast, which it gets with its carrier, goes at once: the kernel passes over those of all
 * ports when one comes or goes. A refusal tells that there is none.
 *
 * Since Linux 6.8 the look-up of one link first completes its pending carrier change (linkwatch_sync_dev).
 */
function raise({ host, plan }: AddContext<BridgePlan>, ifindex: number): RaisedPort {
  const { hostIfname, bridge } = plan.link;
  const [up, port, bridgeNow] = host.exchange([
    setUpRequest(hostIfname),
    getLinkRequest(hostIfname),
    getLinkRequest(bridge),
    deleteMulticastRouteRequest(ifindex),
  ]);
  if (up?.refusal !== undefined && up.refusal.errno !== "ENODEV") throw new NetlinkError(up.refusal);
  const outcomes = [port, bridgeNow].filter((outcome) => outcome !== undefined);
  return requireBoth(plan.link, toLinks(host, outcomes));
}

function requireBoth(link: BridgePlan, [port, bridge]: readonly (Link | undefined)[]): RaisedPort {
  if (port !== undefined && bridge !== undefined) return { port, bridge };
  const problem = `interface "${port === undefined ? link.hostIfname : link.bridge}" was removed by someone else`;
  throw new CniError(CNI_ERROR.tryAgainLater, problem);
}

/** A bridge that was up before it ever had a port has no change of carrier from which the kernel would tell its state. */
function setBridgeOperational({ host }: AddContext<BridgePlan>, bridge: Link): void {
  if (bridge.operstate !== IF_OPER.UNKNOWN) return;
  host.request({ message: "RTM_SETLINK", body: { ifi_index: bridge.ifindex, IFLA_OPERSTATE: IF_OPER.UP } });
}

/** On older kernels: waits for the announcement of the carrier. */
function awaitPort({ host, plan }: AddContext<BridgePlan>, ifindex: number): RaisedPort {
  using events = NetlinkSocket.open(rtnetlink);
  events.joinGroup(RTNLGRP.LINK);
  const deadline = performance.now() + PORT_TIMEOUT_MS;
  for (;;) {
    const raised = requireBoth(plan.link, getLinks(host, [plan.link.hostIfname, plan.link.bridge]));
    if (raised.port.operstate === IF_OPER.UP) {
      host.exchange([deleteMulticastRouteRequest(ifindex)]);
      return raised;
    }
    if (events.waitForEvent(Math.max(0, deadline - performance.now()))) continue;
    const { ifname, operstate } = raised.port;
    const problem = `bridge port "${ifname}" did not come up within ${PORT_TIMEOUT_MS / 1000} s`;
    throw new CniError(CNI_ERROR.kernel, problem, `its operational state is ${operstate} (RFC 2863)`);
  }
}
