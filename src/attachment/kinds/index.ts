/** All kinds of attachment, by the name that plans and records have for them. */

import type { LinkKind } from "../attachment.ts";
import type { AttachmentRecord } from "../record/record.ts";
import type { Step } from "../steps/step.ts";
import { bridgeDriver } from "./bridge/driver.ts";
import type { Driver } from "./driver.ts";
import { macvlanDriver } from "./macvlan/driver.ts";
import { ptpDriver } from "./ptp/driver.ts";
import { sriovDriver } from "./sriov/driver.ts";

const DRIVERS: Readonly<Record<LinkKind, Driver>> = {
  ptp: ptpDriver,
  bridge: bridgeDriver,
  macvlan: macvlanDriver,
  sriov: sriovDriver,
};

export function driverOf(kind: LinkKind): Driver {
  return DRIVERS[kind];
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
