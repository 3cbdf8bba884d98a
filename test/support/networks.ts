/** Networks for tests: one that is right, with what a test is about put over it. */

import type { Located } from "../../src/network/document.ts";
import type { Network } from "../../src/network/model.ts";
import { decodeNetwork } from "../../src/network/network.ts";

export const WEB_RANGE = {
  subnet: "10.10.120.0/24",
  start: "10.10.120.11",
  end: "10.10.120.100",
  gateway: "10.10.120.1",
};

export const WEB_RANGE_6 = {
  subnet: "fd00:120::/64",
  start: "fd00:120::11",
  end: "fd00:120::1ff",
  gateway: "fd00:120::1",
};

export const WEB = {
  ranges: [WEB_RANGE],
  vlan: 120,
  attach: { kind: "bridge", uplink: "eth1" },
};

export const SRIOV = { kind: "sriov", pfs: ["ens1f0"] };

/** A document as if it were read from `/etc/x.json`; members that are undefined are absent. */
export function located(value: unknown): Located {
  return { file: "/etc/x.json", path: "", value: JSON.parse(JSON.stringify(value)) };
}

/** {@link WEB} with `more` over it. */
export function network(name: string, more: object = {}): Network {
  return decodeNetwork(located({ ...WEB, ...more }), name);
}

/** A network on one subnet: `subnetwork("blue", "10.1.0.0/24", ".11", ".20", { vlan: 5 })`. */
export function subnetwork(name: string, range: object, more: object = {}): Network {
  return network(name, { ranges: [range], ...more });
}
