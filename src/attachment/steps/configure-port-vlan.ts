/** The VLANs of the pod's port on its bridge. They go with the port. */

import type { PortVlans } from "../../cni/netconf/vlan.ts";
import {
  deletePortVlansRequest,
  listPortVlans,
  setPortVlansRequest,
  tagged,
} from "../../link/bridge-vlan.ts";
import type { BridgePlan } from "../plan/plan.ts";
import { describeRanges, isUntouched, wantedRanges } from "../port-vlans.ts";
import type { Step } from "../step.ts";

export const configurePortVlan: Step<BridgePlan> = {
  name: "configurePortVlan",

  /** Before the container's end is up: no frame passes in the VLAN that the bridge gives to new ports. */
  add({ plan, host, found }) {
    const vlans = vlansOf(plan.link);
    if (vlans === undefined) return;
    const port = found.host?.ifindex ?? 0;
    const defaultPvid = found.bridge?.filter?.defaultPvid ?? 0;
    const wanted = wantedRanges(vlans, defaultPvid);
    const stays = wanted.some(({ first, last }) => first <= defaultPvid && defaultPvid <= last);
    host.requestAll([
      setPortVlansRequest(port, wanted),
      ...(defaultPvid === 0 || stays ? [] : [deletePortVlansRequest(port, [tagged(defaultPvid)])]),
    ]);
  },

  check({ plan, host, links: { host: port, bridge } }) {
    const vlans = vlansOf(plan.link);
    if (vlans === undefined || port === undefined || port.master !== bridge?.ifindex) return [];
    const wanted = describeRanges(wantedRanges(vlans, bridge.filter?.defaultPvid ?? 0));
    const present = describeRanges(listPortVlans(host, port.ifindex));
    return present === wanted ? [] : [`interface "${port.ifname}" is in VLAN ${present}, want ${wanted}`];
  },
};

/** Those of the configuration, or of the network on its uplink; undefined where the port stays as it is made. */
function vlansOf({ portVlans, uplink }: BridgePlan): PortVlans | undefined {
  if (portVlans !== undefined) return isUntouched(portVlans) ? undefined : portVlans;
  if (uplink?.vlan === undefined) return undefined;
  return { untagged: uplink.vlan, tagged: [], keepsDefault: false };
}
