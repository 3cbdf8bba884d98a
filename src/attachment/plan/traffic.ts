/** What an attachment wants done with packets: masquerade, host ports, isolation, anti-spoofing, RA guard. */

import type { Prefix } from "../../addr/prefix.ts";
import type { MasqueradeConfig } from "../../cni/netconf/masquerade.ts";
import type { TrafficConfig } from "../../cni/netconf/traffic.ts";
import type { HostPorts } from "../../nftables/features/host-port.ts";
import type { IngressPolicy } from "../../nftables/features/isolation.ts";
import type { Crossing, SourcePorts } from "../../nftables/features/masquerade.ts";
import type { RaGuard } from "../../nftables/features/ra-guard.ts";
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
  /** Router advertisements of the pod's port are dropped; absent also where this kernel cannot. */
  readonly raGuard?: RaGuard;
  readonly ingressPolicy: IngressPolicy;
}

/** What guards against the pod name of it. */
export interface Port {
  /** The pod's MAC address. */
  readonly sender: string;
  readonly raGuard: RaGuard | undefined;
}

/** Undefined where nothing of it is asked for. */
export function planTraffic(
  { masquerade, hostPorts, macspoofchk, ingressPolicy }: TrafficConfig,
  addressing: Addressing,
  { sender, raGuard }: Port,
): Traffic | undefined {
  const isOpen = ingressPolicy === "open";
  const isGuarded = macspoofchk || raGuard === "required" || !isOpen;
  if (masquerade === undefined && hostPorts === undefined && !isGuarded) return undefined;
  return {
    ...(masquerade === undefined ? {} : planMasquerade(masquerade, addressing)),
    ...(hostPorts === undefined ? {} : { hostPorts }),
    ...(macspoofchk ? { sender } : {}),
    ...(raGuard === undefined ? {} : { raGuard }),
    ingressPolicy,
  };
}

function planMasquerade({ except, sourcePorts }: MasqueradeConfig, addressing: Addressing) {
  return { kept: [...except, ...subnetsOf(addressing)], sourcePorts, dropsInvalid: true } as const;
}
