/** `podwire release`: takes an attachment or an address from whoever has it. */

import { type Address, formatAddress, parseAddress } from "../../addr/address.ts";
import { formatPrefix } from "../../addr/prefix.ts";
import { describeAttachment } from "../../attachment/attachment.ts";
import { openSockets, removeAttachment } from "../../attachment/del.ts";
import { isGone } from "../../attachment/leftovers/liveness.ts";
import { listRecords } from "../../attachment/record/list.ts";
import type { AttachmentRecord } from "../../attachment/record/record.ts";
import { factsOf } from "../../attachment/removal.ts";
import { freeAddress } from "../../node/garbage.ts";
import { type Holder, listHolders, readNodeFacts } from "../../node/holders.ts";
import { listPools, type Pool } from "../../node/pools.ts";
import { requireAttachments } from "../attachment/find.ts";
import type { Call, GlobalOptions } from "../command.ts";
import { type ConfirmOptions, requireYes } from "../confirm.ts";
import { refused } from "../failure.ts";
import { OUTPUT } from "../output.ts";
import { type OutputOptions, printJson } from "../print.ts";

export interface ReleaseOptions extends OutputOptions, ConfirmOptions {
  readonly network?: string;
  readonly force?: true;
  readonly pluginDir: string;
}

type Options = ReleaseOptions & GlobalOptions;

export function runRelease({ args: [name], options }: Call<ReleaseOptions, [name: string]>): void {
  const address = parseAddress(name);
  const released =
    address === undefined
      ? releaseAttachments(requireAttachments(name), options)
      : releaseAddress(address, options);
  if (options.json === true) printJson(released);
  else for (const what of released) console.log(`released ${what}`);
}

function releaseAddress(address: Address, options: Options): string[] {
  const { pool, holder } = requireHolder(address, options);
  const { record, owner } = holder;
  if (record !== undefined) return releaseAttachments([record], options);
  const text = `${formatAddress(address)} of network "${pool.network}"`;
  refuseTaken(holder, text, options);
  const by = owner === undefined ? "nobody" : `container ${owner.containerId}`;
  requireYes(options, `Free ${text}, reserved by ${by}?`);
  freeAddress({ directory: pool, holder }, OUTPUT);
  return [text];
}

interface Reserved {
  readonly pool: Pool;
  readonly holder: Holder;
}

/** @throws {Failure} nobody holds it, or in several networks somebody does */
function requireHolder(address: Address, { configDir, network }: Options): Reserved {
  const facts = readNodeFacts();
  const text = formatAddress(address);
  const pools = listPools(configDir).filter((pool) => network === undefined || pool.network === network);
  const reserved = pools.flatMap((pool) =>
    listHolders(pool, facts).flatMap((holder) =>
      formatAddress(holder.address) === text ? [{ pool, holder }] : [],
    ),
  );
  const [first, ...others] = reserved;
  if (first === undefined) throw refused(`${text} is free: nobody holds it`, adviceOnKept(pools, text));
  if (others.length === 0) return first;
  const names = reserved.map(({ pool }) => pool.network).join(", ");
  throw refused(`${text} is held in several networks: ${names}`, "give --network");
}

/** Endpoints keep addresses without anybody holding them. */
function adviceOnKept(pools: readonly Pool[], text: string): string {
  const endpoint = pools
    .flatMap(({ endpoints }) => endpoints)
    .find(({ addresses }) => addresses.map(formatAddress).includes(text));
  return endpoint === undefined
    ? "podwire addresses --holders lists who has what"
    : `an endpoint keeps it: podwire endpoint delete ${endpoint.name} --ns ${endpoint.namespace}`;
}

function refuseTaken({ state }: Holder, text: string, { force }: Options): void {
  if (force === true || state === "stale" || state === "gone") return;
  const why =
    state === "new" ? "was reserved just now, for an ADD that may still run" : "is on an interface of a pod";
  throw refused(`${text} ${why}`, "delete the pod, or insist with --force");
}

/** Interfaces of one ADD go together. */
function releaseAttachments(meant: readonly AttachmentRecord[], options: Options): string[] {
  const keys = new Set(meant.map(addOf));
  const records = listRecords().filter((record) => keys.has(addOf(record)));
  const living = records.find((record) => !isGone(record));
  if (living !== undefined && options.force !== true) {
    const problem = `${describeAttachment(living)} is alive: its network namespace "${living.netns}" is there`;
    throw refused(problem, "delete the pod, or insist with --force");
  }
  const all = records.map(describeRecord);
  requireYes(options, `Remove ${all.join(", ")}?`);
  using sockets = openSockets(OUTPUT);
  const path = options.pluginDir.split(":");
  for (const key of keys) {
    const [first] = records.filter((record) => addOf(record) === key);
    if (first === undefined) continue;
    const { network, containerId, ifname, primary, netns } = first;
    const attachment = { network, containerId, ifname: primary ?? ifname };
    removeAttachment(attachment, factsOf(attachment, netns, path), sockets);
  }
  return all;
}

/** The same for all interfaces of one ADD. */
function addOf({ network, containerId, ifname, primary }: AttachmentRecord): string {
  return describeAttachment({ network, containerId, ifname: primary ?? ifname });
}

function describeRecord(record: AttachmentRecord): string {
  const addresses = (record.ips ?? []).map(formatPrefix).join(", ");
  return `${describeAttachment(record)}${addresses === "" ? "" : ` (${addresses})`}`;
}
