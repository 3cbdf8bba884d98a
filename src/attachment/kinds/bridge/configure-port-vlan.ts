/** The VLANs of the pod's port on its bridge. They go with the port. */

import type { PortVlans } from "../../../cni/netconf/vlan.ts";
import {
  deletePortVlansRequest,
  listPortVlans,
  setPortVlansRequest,
  tagged,
} from "../../../link/bridge-vlan.ts";
import type { Link } from "../../../link/link.ts";
import type { BridgePlan } from "../../plan/plan.ts";
import type { AddContext, CheckContext } from "../../steps/step.ts";
import { describeRanges, isUntouched, wantedRanges } from "./port-vlans.ts";

export const configurePortVlan = {
  name: "configurePortVlan",

  /** Before the container's end is up: no frame passes in the VLAN that the bridge gives to new ports. */
  add({ plan, host }: AddContext<BridgePlan>, { ifindex: port }: Link, bridge: Link): void {
    const vlans = vlansOf(plan.link.portVlans, plan.link.uplink?.vlan);
    if (vlans === undefined) return;
    const defaultPvid = bridge.filter?.defaultPvid ?? 0;
    const wanted = wantedRanges(vlans, defaultPvid);
    const stays = wanted.some(({ first, last }) => first <= defaultPvid && defaultPvid <= last);
    host.requestAll([
      setPortVlansRequest(port, wanted),
      ...(defaultPvid === 0 || stays ? [] : [deletePortVlansRequest(port, [tagged(defaultPvid)])]),
    ]);
  },

  check({ wanted, host, links: { host: port, bridge } }: CheckContext): string[] {
    const vlans = vlansOf(wanted.interface?.portVlans, wanted.uplink?.vlan);
    if (vlans === undefined || port === undefined || port.master !== bridge?.ifindex) return [];
    const ranges = describeRanges(wantedRanges(vlans, bridge.filter?.defaultPvid ?? 0));
    const present = describeRanges(listPortVlans(host, port.ifindex));
    return present === ranges ? [] : [`interface "${port.ifname}" is in VLAN ${present}, want ${ranges}`];
  },
};

/** Those of the configuration, or of the network on its uplink; undefined where the port stays as it is made. */
function vlansOf(portVlans: PortVlans | undefined, uplinkVlan: number | undefined): PortVlans | undefined {
  if (portVlans !== undefined) return isUntouched(portVlans) ? undefined : portVlans;
  if (uplinkVlan === undefined) return undefined;
  return { untagged: uplinkVlan, tagged: [], keepsDefault: false };
}
