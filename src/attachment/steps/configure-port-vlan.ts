/** The VLANs of the pod's port on its bridge. They go with the port. */

import {
  access,
  deletePortVlansRequest,
  listPortVlans,
  setPortVlansRequest,
  tagged,
} from "../../link/bridge-vlan.ts";
import type { BridgePlan } from "../plan.ts";
import type { Step } from "../step.ts";

export const configurePortVlan: Step<BridgePlan> = {
  name: "configurePortVlan",

  /** Before the container's end is up: no frame passes in the VLAN that the bridge gives to new ports. */
  add({ plan, host, found }) {
    const vlan = plan.link.uplink?.vlan;
    const port = found.host?.ifindex ?? 0;
    if (vlan === undefined) return;
    const defaultPvid = found.bridge?.filter?.defaultPvid ?? 0;
    const mustLeave = defaultPvid !== 0 && defaultPvid !== vlan;
    host.requestAll([
      setPortVlansRequest(port, [access(vlan)]),
      ...(mustLeave ? [deletePortVlansRequest(port, [tagged(defaultPvid)])] : []),
    ]);
  },

  check({ plan, host, links }) {
    const vlan = plan.link.uplink?.vlan;
    const port = links.host;
    if (vlan === undefined || port === undefined) return [];
    const present = listPortVlans(host, port.ifindex);
    const isRight = present.length === 1 && present[0]?.first === vlan && present[0].last === vlan;
    const isAccess = present[0]?.isPvid === true && present[0].isUntagged;
    if (isRight && isAccess) return [];
    const found = present.map(({ first, last }) => (first === last ? `${first}` : `${first}-${last}`));
    return [
      `interface "${port.ifname}" is in VLAN ${found.join(", ") || "none"}, want ${vlan} alone, untagged`,
    ];
  },
};
