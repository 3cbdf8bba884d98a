/** `podwire trace`: the way of a packet from a pod to an address, hop by hop. */

import type { AttachmentRecord } from "../../attachment/record.ts";
import { addressesOf } from "../../attachment/ruleset.ts";
import { requireAttachments } from "../attachment/find.ts";
import type { Call } from "../command.ts";
import { refused, STATUS } from "../failure.ts";
import type { OutputOptions } from "../print.ts";
import { Facts } from "./facts.ts";
import { parseDestination, parseService } from "./packet.ts";
import { trace } from "./trace.ts";
import { printWay } from "./view.ts";

export interface TraceOptions extends OutputOptions {
  readonly interface?: string;
  readonly port?: string;
}

type TraceArgs = [attachment: string, address: string | undefined];

export function runTrace({ args: [name, address], options, finish }: Call<TraceOptions, TraceArgs>): void {
  const service = options.port === undefined ? undefined : parseService(options.port);
  const all = requireAttachments(name);
  const records = options.interface === undefined ? all : chosen(all, options.interface);
  const families = records.flatMap(addressesOf).map(({ family }) => family);
  const dst = parseDestination(address, families);
  using facts = new Facts();
  const way = trace({ facts, records, isForced: options.interface !== undefined, dst, service });
  printWay(options, { record: records[0], dst, service, way });
  if (way.outcome === "stopped") finish(STATUS.failed);
}

type Records = readonly [AttachmentRecord, ...AttachmentRecord[]];

function chosen(all: Records, ifname: string): Records {
  const record = all.find((one) => one.ifname === ifname);
  if (record !== undefined) return [record];
  const names = all.map((one) => one.ifname).join(", ");
  throw refused(`the pod has no interface "${ifname}" of podwire's`, `there are: ${names}`);
}
