/** The features of our tables. */

import { type AntiSpoofingOptions, antiSpoofing } from "./anti-spoofing.ts";
import { cluster } from "./cluster.ts";
import type { Feature, Pod } from "./feature.ts";
import type { HostPortOptions } from "./host-port-elements.ts";
import { hostPorts } from "./host-ports.ts";
import { type InvalidPacketOptions, invalidPackets } from "./invalid-packets.ts";
import { type IsolationOptions, isolation } from "./isolation.ts";
import { type MasqueradeOptions, masquerade } from "./masquerade.ts";
import { type RaGuardOptions, raGuard } from "./ra-guard.ts";

/** A pod with all that a feature reads of it. */
export type PodTraffic = Pod &
  MasqueradeOptions &
  InvalidPacketOptions &
  HostPortOptions &
  IsolationOptions &
  AntiSpoofingOptions &
  RaGuardOptions;

/** In the order of their sets, and of their rules in chains that they share. */
export const FEATURES: readonly Feature<PodTraffic>[] = [
  masquerade,
  invalidPackets,
  hostPorts,
  isolation,
  antiSpoofing,
  raGuard,
  cluster,
];
