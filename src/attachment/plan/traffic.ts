/** What an attachment wants done with packets: masquerade, host ports, isolation, anti-spoofing. */

import type { Prefix } from "../../addr/prefix.ts";
import type { MasqueradeConfig } from "../../cni/netconf/masquerade.ts";
import type { TrafficConfig } from "../../cni/netconf/traffic.ts";
import type { HostPorts } from "../../nftables/features/host-port.ts";
import type { IngressPolicy } from "../../nftables/features/isolation.ts";
import type { Crossing, SourcePorts } from "../../nftables/features/masquerade.ts";
import { type Addressing, subnetsOf } from "./ipam.ts";

/** In the record, so that it can be removed and put back from there. */
export interface Traffic {
  /** Destinations, beside the networks of its addresses, that a pod reaches under its own address; absent: all. */
  readonly kept?: readonly Prefix[];
  /** Of masqueraded connections; absent in records of earlier versions. */
  readonly sourcePorts?: SourcePorts;
  /** Packets outside of every connection do not leave with the pod's address; absent in records of earlier versions. */
  readonly dropsInvalid?: true;
  /** With other interfaces of the container, known while it is attached; absent: none. */
  readonly crossings?: readonly Crossing[];
  readonly hostPorts?: HostPorts;
  /** The one MAC address that a pod may send from. */
  readonly sender?: string;
  readonly ingressPolicy: IngressPolicy;
}

/** Undefined where nothing of it is asked for; `sender` is the pod's MAC address. */
export function planTraffic(
  { masquerade, hostPorts, macspoofchk, ingressPolicy }: TrafficConfig,
  addressing: Addressing,
  sender: string,
): Traffic | undefined {
  const isOpen = ingressPolicy === "open";
  if (masquerade === undefined && hostPorts === undefined && !macspoofchk && isOpen) return undefined;
  return {
    ...(masquerade === undefined ? {} : planMasquerade(masquerade, addressing)),
    ...(hostPorts === undefined ? {} : { hostPorts }),
    ...(macspoofchk ? { sender } : {}),
    ingressPolicy,
  };
}

function planMasquerade({ except, sourcePorts }: MasqueradeConfig, addressing: Addressing) {
  return { kept: [...except, ...subnetsOf(addressing)], sourcePorts, dropsInvalid: true } as const;
}
