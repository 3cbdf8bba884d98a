/** All kinds of attachment, by the name that plans and records have for them. */

import type { Attach, Network } from "../../network/model.ts";
import type { LinkKind } from "../plan/plan.ts";
import type { AttachmentRecord } from "../record/record.ts";
import type { Step } from "../steps/step.ts";
import { bridgeDriver } from "./bridge/driver.ts";
import { planBridgeLink } from "./bridge/named-link.ts";
import type { Driver } from "./driver.ts";
import { macvlanDriver } from "./macvlan/driver.ts";
import { planMacvlanLink } from "./macvlan/named-link.ts";
import type { NamedLink, NamedLinkInput, NamedLinkPlanner } from "./named-link.ts";
import { ptpDriver } from "./ptp/driver.ts";
import { sriovDriver } from "./sriov/driver.ts";
import { planSriovLink } from "./sriov/named-link.ts";

const DRIVERS: Readonly<Record<LinkKind, Driver>> = {
  ptp: ptpDriver,
  bridge: bridgeDriver,
  macvlan: macvlanDriver,
  sriov: sriovDriver,
};

/** By the kind that a network by name attaches its pods with. */
const PLANNERS: { readonly [K in Attach["kind"]]: NamedLinkPlanner<Extract<Attach, { kind: K }>> } = {
  bridge: planBridgeLink,
  macvlan: planMacvlanLink,
  sriov: planSriovLink,
};

export function driverOf(kind: LinkKind): Driver {
  return DRIVERS[kind];
}

/** @throws {CniError} 7: what the kind cannot do is asked for */
export function planNamedLink(network: Network, input: NamedLinkInput): NamedLink {
  const plan = PLANNERS[network.attach.kind] as NamedLinkPlanner<Attach>; // `as`: that of the network's own kind
  return plan(network, input);
}

export function sweepsOfKinds() {
  return Object.values(DRIVERS).flatMap(({ sweep }) => sweep ?? []);
}

/** The steps of a DEL in order; without a record it is not known what there was, so that all are tried, each once, where its last kind has it. */
export function removalSteps(record: AttachmentRecord | undefined): readonly Step[] {
  if (record !== undefined) return driverOf(record.kind).removal;
  const all = Object.values(DRIVERS).flatMap(({ removal }) => removal);
  return all.filter((step, index) => all.lastIndexOf(step) === index);
}
