/** The whole behaviour of a bridge attachment, in order. */

import type { Step } from "./step.ts";
import { applyRuleset } from "./steps/apply-ruleset.ts";
import { configureContainer } from "./steps/configure-container.ts";
import { configureGateway } from "./steps/configure-gateway.ts";
import { confirmPort } from "./steps/confirm-port.ts";
import { createVeth } from "./steps/create-veth.ts";
import { ensureBridge } from "./steps/ensure-bridge.ts";
import { openForwarding, withdrawForwarding } from "./steps/open-forwarding.ts";
import { reserveAddresses } from "./steps/reserve-addresses.ts";
import { shapeTraffic } from "./steps/shape-traffic.ts";
import { tuneContainer } from "./steps/tune-container.ts";

export const bridgeSteps: readonly Step[] = [
  reserveAddresses,
  ensureBridge,
  withdrawForwarding,
  createVeth,
  shapeTraffic,
  configureGateway,
  configureContainer,
  tuneContainer,
  applyRuleset,
  openForwarding,
  confirmPort,
];
