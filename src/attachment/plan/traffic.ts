/** What an attachment wants done with packets: masquerade, host ports, isolation, anti-spoofing. */

import type { Prefix } from "../../addr/prefix.ts";
import type { TrafficConfig } from "../../cni/netconf/traffic.ts";
import type { HostPorts } from "../../nftables/features/host-port.ts";
import type { IngressPolicy } from "../../nftables/features/isolation.ts";
import { type Addressing, subnetsOf } from "./ipam.ts";

/** In the record, so that it can be removed and put back from there. */
export interface Traffic {
  /** Destinations, beside the networks of its addresses, that a pod reaches under its own address; absent: all. */
  readonly kept?: readonly Prefix[];
  readonly hostPorts?: HostPorts;
  /** The one MAC address that a pod may send from. */
  readonly sender?: string;
  readonly ingressPolicy: IngressPolicy;
}

/** Undefined where nothing of it is asked for; `sender` is the pod's MAC address. */
export function planTraffic(
  { masqueradeExcept, hostPorts, macspoofchk, ingressPolicy }: TrafficConfig,
  addressing: Addressing,
  sender: string,
): Traffic | undefined {
  const isOpen = ingressPolicy === "open";
  if (masqueradeExcept === undefined && hostPorts === undefined && !macspoofchk && isOpen) return undefined;
  return {
    ...(masqueradeExcept === undefined ? {} : { kept: [...masqueradeExcept, ...subnetsOf(addressing)] }),
    ...(hostPorts === undefined ? {} : { hostPorts }),
    ...(macspoofchk ? { sender } : {}),
    ingressPolicy,
  };
}
