/** The whole behaviour of each kind of attachment, in order. */

import type { LinkKind } from "./attachment.ts";
import type { AttachmentRecord } from "./record.ts";
import type { Step } from "./step.ts";
import { announceAddresses } from "./steps/announce-addresses.ts";
import { applyRuleset } from "./steps/apply-ruleset.ts";
import { configureContainer } from "./steps/configure-container.ts";
import { configureGateway } from "./steps/configure-gateway.ts";
import { configurePortVlan } from "./steps/configure-port-vlan.ts";
import { configureVf } from "./steps/configure-vf.ts";
import { createGateway, withdrawGateway } from "./steps/create-gateway.ts";
import { createMacvlan } from "./steps/create-macvlan.ts";
import { createVeth } from "./steps/create-veth.ts";
import { detectDuplicates } from "./steps/detect-duplicates.ts";
import { ensureBridge } from "./steps/ensure-bridge.ts";
import { joinUplink } from "./steps/join-uplink.ts";
import { moveVf } from "./steps/move-vf.ts";
import { openForwarding, withdrawForwarding } from "./steps/open-forwarding.ts";
import { raisePort } from "./steps/raise-port.ts";
import { reserveAddresses } from "./steps/reserve-addresses.ts";
import { shapeTraffic } from "./steps/shape-traffic.ts";
import { shapeUplink } from "./steps/shape-uplink.ts";
import { tuneContainer } from "./steps/tune-container.ts";

const IN_CONTAINER: readonly Step[] = [
  configureContainer,
  detectDuplicates,
  tuneContainer,
  announceAddresses,
];

const STEPS: Readonly<Record<LinkKind, readonly Step[]>> = {
  bridge: [
    reserveAddresses,
    ensureBridge,
    joinUplink,
    withdrawForwarding,
    withdrawGateway,
    createVeth,
    configurePortVlan,
    createGateway,
    shapeTraffic,
    shapeUplink,
    configureGateway,
    configureContainer,
    tuneContainer,
    applyRuleset,
    openForwarding,
    raisePort,
    detectDuplicates,
    announceAddresses,
  ],
  macvlan: [reserveAddresses, shapeUplink, createMacvlan, ...IN_CONTAINER],
  sriov: [reserveAddresses, configureVf, moveVf, ...IN_CONTAINER],
};

export function stepsOf(kind: LinkKind): readonly Step[] {
  return STEPS[kind] ?? STEPS.bridge; // a record of an earlier version has no kind
}

/** Those of a removal; without a record it is not known what there was, so that all are tried, each once. */
export function stepsToRemove(record: AttachmentRecord | undefined): readonly Step[] {
  if (record !== undefined) return stepsOf(record.kind);
  return [...new Set([...STEPS.sriov, ...STEPS.macvlan, ...STEPS.bridge])];
}
