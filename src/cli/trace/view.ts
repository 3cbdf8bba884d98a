/** A way as people and programs see it. */

import { type Address, formatAddress } from "../../addr/address.ts";
import type { Service } from "../../addr/service.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { formatMark } from "../mark.ts";
import { type OutputOptions, printJson } from "../print.ts";
import { podNameOf } from "./facts.ts";
import { describeDestination, type Hop, type Outcome, type Way } from "./hop.ts";

/** A way with what was asked for. */
export interface Traced {
  /** The pod's first interface. */
  readonly record: AttachmentRecord;
  readonly dst: Address;
  readonly service: Service | undefined;
  readonly way: Way;
}

const OUTCOMES: Readonly<Record<Outcome, string>> = {
  arrives: "it arrives",
  leaves: "it leaves this node",
  unknown: "what becomes of it then cannot be told from here",
  stopped: "it is stopped here",
};

export function printWay(options: OutputOptions, traced: Traced): void {
  if (options.json === true) {
    printJson(toJson(traced));
    return;
  }
  const { record, way } = traced;
  console.log(`${podNameOf(record)} to ${describeDestination(traced)}\n`);
  const width = Math.max(...way.hops.map(({ at }) => at.length));
  for (const hop of way.hops) console.log(describeHop(hop, width));
  console.log(`  ${OUTCOMES[way.outcome]}`);
}

function toJson({ record, dst, service, way }: Traced): object {
  const { network, containerId, pod = null } = record;
  return {
    network,
    containerId,
    pod,
    destination: formatAddress(dst),
    port: service ?? null,
    outcome: way.outcome,
    hops: way.hops.map(({ advice = null, ...hop }) => ({ ...hop, advice })),
  };
}

const GAP = "  ";

/** One line, and where there is something to do a second one. */
export function describeHop({ at, level, text, advice }: Hop, width: number): string {
  const line = `${formatMark(level)} ${at.padEnd(width)}${GAP}${text}`;
  const indent = " ".repeat(`✓ ${GAP}`.length + width);
  return advice === undefined ? line : `${line}\n${indent}${advice}`;
}
