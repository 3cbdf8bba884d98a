/** The whole behaviour of each kind of attachment, in order. */

import type { LinkKind } from "./attachment.ts";
import type { Named } from "./output.ts";
import type { AttachmentRecord } from "./record.ts";
import type { Step } from "./step.ts";
import { applyRuleset } from "./steps/apply-ruleset.ts";
import { configureContainer } from "./steps/configure-container.ts";
import { configureGateway } from "./steps/configure-gateway.ts";
import { configurePortVlan } from "./steps/configure-port-vlan.ts";
import { createGateway, withdrawGateway } from "./steps/create-gateway.ts";
import { createVeth } from "./steps/create-veth.ts";
import { detectDuplicates } from "./steps/detect-duplicates.ts";
import { ensureBridge } from "./steps/ensure-bridge.ts";
import { openForwarding, withdrawForwarding } from "./steps/open-forwarding.ts";
import { raisePort } from "./steps/raise-port.ts";
import { reserveAddresses } from "./steps/reserve-addresses.ts";
import { shapeTraffic } from "./steps/shape-traffic.ts";
import { tuneContainer } from "./steps/tune-container.ts";

const EARLY: readonly Step[] = [reserveAddresses, ensureBridge];
const MIDDLE: readonly Step[] = [
  withdrawForwarding,
  withdrawGateway,
  createVeth,
  configurePortVlan,
  createGateway,
  shapeTraffic,
];
const LATE: readonly Step[] = [
  configureGateway,
  configureContainer,
  tuneContainer,
  applyRuleset,
  openForwarding,
  raisePort,
  detectDuplicates,
];

/** `named`: without it only the configuration's own bridge is known. */
export function stepsOf(kind: LinkKind, named: Named | undefined): readonly Step[] {
  if (named === undefined) return [...EARLY, ...MIDDLE, ...LATE];
  const { announceAddresses, configureVf, createMacvlan, joinUplink, moveVf, shapeUplink } = named;
  const inContainer: readonly Step[] = [
    configureContainer,
    detectDuplicates,
    tuneContainer,
    announceAddresses,
  ];
  if (kind === "macvlan") return [reserveAddresses, shapeUplink, createMacvlan, ...inContainer];
  if (kind === "sriov") return [reserveAddresses, configureVf, moveVf, ...inContainer];
  return [...EARLY, joinUplink, ...MIDDLE, shapeUplink, ...LATE, announceAddresses];
}

/** Those of a removal; without a record it is not known what there was, so that all are tried, each once. */
export function stepsToRemove(
  record: AttachmentRecord | undefined,
  named: Named | undefined,
): readonly Step[] {
  if (record !== undefined || named === undefined) return stepsOf(record?.kind ?? "bridge", named);
  const kinds: readonly LinkKind[] = ["sriov", "macvlan", "bridge"];
  return [...new Set(kinds.flatMap((kind) => stepsOf(kind, named)))];
}
