/** Whether this kernel has what a configuration needs: tried in a namespace that ends with this call. */

import { ensureBridge, NotABridge } from "../../../link/bridge.ts";
import { ensureVlanFiltering, setPortVlansRequest, tagged } from "../../../link/bridge-vlan.ts";
import { getLink } from "../../../link/link.ts";
import type { RouteSocket } from "../../../netlink/route/protocol.ts";
import type { Output } from "../../output.ts";
import type { AttachmentPlan, BridgePlan } from "../../plan/plan.ts";
import { lack, probeIn, probeTraffic } from "../veth/probe.ts";

/** Each lack in words; the process stays in an empty network namespace. */
export function checkKernel(plan: AttachmentPlan<BridgePlan>, host: RouteSocket, output: Output): string[] {
  const { trace } = output;
  const { bridge: ifname } = plan.link;
  const existing = getLink(host, ifname);
  if (existing !== undefined && existing.kind !== "bridge") return [new NotABridge(existing).message];
  const settings = { ifname, mtu: 1500, isPromiscuous: false, snoopsMulticast: false };
  return probeIn(output, (empty) => [
    ...lack("bridge support (CONFIG_BRIDGE, module bridge)", () =>
      ensureBridge(empty, { ...settings, filtersVlans: false }, undefined),
    ),
    ...lack(VLAN_FILTERING, () => probeVlans(plan.link, empty)),
    ...probeTraffic(plan, { kind: "bridge", bridge: ifname }, { empty, trace }),
  ]);
}

const VLAN_FILTERING = "VLAN filtering by bridges (CONFIG_BRIDGE_VLAN_FILTERING; Linux 5.6 or later)";

function probeVlans({ bridge, portVlans }: BridgePlan, empty: RouteSocket): void {
  const link = portVlans === undefined ? undefined : getLink(empty, bridge);
  if (link === undefined) return;
  ensureVlanFiltering(empty, link);
  empty.request(setPortVlansRequest(link.ifindex, [tagged(1)]));
}
