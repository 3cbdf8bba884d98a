/** `podwire trace`: the way of a packet from a pod to an address, hop by hop. */

import { type Address, type Family, parseAddress, parseDecimal } from "../../addr/address.ts";
import { IPPROTO, type Protocol, type Service } from "../../addr/service.ts";
import type { LinkKind } from "../../attachment/plan/plan.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { addressesOf } from "../../attachment/rules/ruleset.ts";
import { requireAttachments } from "../attachment/find.ts";
import type { Call } from "../command.ts";
import { misused, refused, STATUS } from "../failure.ts";
import type { OutputOptions } from "../print.ts";
import { Facts } from "./facts.ts";
import { fromPair } from "./from-pair.ts";
import { leavePod, type Question, type Sent } from "./from-pod.ts";
import { fromPort } from "./from-port.ts";
import { type Leg, type Way, walk } from "./hop.ts";
import { fromMacvlan, fromVf } from "./segment.ts";
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

function trace(question: Question): Way {
  return walk(() => leavePod(question, (sent) => onwards(question.facts, sent)));
}

/** Where a packet goes from the pod's interface, by what that is. */
const ONWARDS: Readonly<Record<LinkKind, (facts: Facts, sent: Sent) => Leg>> = {
  bridge: fromPort,
  ptp: fromPair,
  macvlan: fromMacvlan,
  sriov: fromVf,
};

function onwards(facts: Facts, sent: Sent): Leg {
  return ONWARDS[sent.record.kind](facts, sent);
}

/** Where a way goes without a destination: addresses that are kept for documents (RFC 5737, RFC 3849). */
export const OUTSIDE = { 4: "192.0.2.1", 6: "2001:db8::1" } as const;

/** Without text: an address outside, of the family that the pod has, IPv4 before IPv6. @throws {Failure} */
export function parseDestination(text: string | undefined, families: readonly Family[]): Address {
  const wanted = text ?? OUTSIDE[families.includes(4) || families.length === 0 ? 4 : 6];
  const address = parseAddress(wanted);
  if (address !== undefined) return address;
  throw misused(
    `"${wanted}" is no address`,
    "want an IPv4 or IPv6 address; podwire attachments shows those of pods",
  );
}

const LARGEST_PORT = 65_535;

/** `80`, `80/tcp`, `53/udp`. @throws {Failure} */
export function parseService(text: string): Service {
  const [number = "", name = "tcp", ...others] = text.split("/");
  const port = parseDecimal(number, LARGEST_PORT);
  const protocol = name.toLowerCase();
  if (port !== undefined && port > 0 && others.length === 0 && Object.hasOwn(IPPROTO, protocol))
    return { port, protocol: protocol as Protocol }; // `as`: a key of IPPROTO
  throw misused(`--port ${text}: want a port and one of ${Object.keys(IPPROTO).join(", ")}`, "like 80/tcp");
}
