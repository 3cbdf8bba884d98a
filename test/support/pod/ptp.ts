/** Configurations of mode ptp, put over the usual ones. */

import { MYNET } from "../traffic/traffic-networks.ts";

/** `mynet`, with a pair of its own for each pod. */
export const PTP = { ...MYNET, mode: "ptp" } as const;

/** Another network of the same mode. */
export const OTHER_PTP = {
  ...PTP,
  name: "othernet",
  ipam: { type: "host-local", ranges: [[{ subnet: "10.2.0.0/16" }], [{ subnet: "fd00:2::/64" }]] },
} as const;
