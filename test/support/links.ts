/** Interfaces, addresses and ports for tests that need none of the kernel's: all as it should be, with changes put over. */

import type { Port } from "../../src/cli/trace/port.ts";
import type { InterfaceAddress } from "../../src/link/address.ts";
import type { Link } from "../../src/link/link.ts";
import { prefix } from "./values.ts";

export function link(change: Partial<Link> = {}): Link {
  return {
    ifindex: 2,
    ifname: "eth0",
    mac: "02:00:00:00:00:01",
    mtu: 1500,
    isUp: true,
    isPromiscuous: false,
    isAllMulticast: false,
    txQueueLength: 1000,
    operstate: 6,
    routesLocalnet: false,
    kind: "",
    ifalias: "",
    parentDevice: "",
    master: 0,
    peer: 0,
    tag: undefined,
    filter: undefined,
    isHairpin: false,
    isIsolated: false,
    ...change,
  };
}

export function interfaceAddress(text: string, change: Partial<InterfaceAddress> = {}): InterfaceAddress {
  return {
    prefix: prefix(text),
    isLinkLocal: text.startsWith("fe80:"),
    isTentative: false,
    hasFailedDetection: false,
    ...change,
  };
}

/** `v1`, a port of `br0`. */
export function port(): Port {
  return {
    ifname: "v1",
    link: link({ ifname: "v1" }),
    bridgeName: "br0",
    bridge: link({ ifname: "br0" }),
    state: "forwarding",
    vlans: undefined,
  };
}
